/**
 * The public data sets Fovea can fetch: where from, how to know that every byte is right, what may be done with them, whom
 * to cite. Contents are checked unpacked, so a file that was packed again is as good as the published one.
 */

import { cifar100Classes } from './cifar-classes.ts'

export interface CatalogMember {
  /** Name of the unpacked file. */
  readonly name: string
  readonly bytes: number
  readonly sha256: string
}

export interface CatalogFile {
  /** Name of the published file, which is appended to each host. */
  readonly name: string
  /** Size and checksum as published; absent for an archive that is checked by its members only. */
  readonly bytes?: number | undefined
  readonly sha256?: string | undefined
  /** What is inside and needed. */
  readonly members: readonly CatalogMember[]
}

/** A CIFAR as Python programs keep it (Keras, PyTorch): one pickle file a batch, in the order of the binary version. */
export interface PythonVersion {
  /** Folder in its archive. */
  readonly folder: string
  /** Names that the archive goes by. */
  readonly archives: readonly string[]
  readonly members: readonly { readonly name: string; readonly md5: string }[]
}

export interface CatalogEntry {
  readonly name: string
  readonly title: string
  readonly format: 'idx' | 'cifar'
  /** Where the unpacked files lie: in the archive of a CIFAR, in PyTorch's folder of data sets. */
  readonly folder: string
  /** Of CIFAR: what the labels before each picture are called, the last of which is the class. */
  readonly labels?: readonly string[] | undefined
  /** The same pictures as other programs keep them: read where they lie, never fetched. */
  readonly python?: PythonVersion | undefined
  /** As Keras keeps them, by its checksum. Others are right when their arrays are. */
  readonly npz?: { readonly name: string; readonly sha256: string } | undefined
  readonly shape: readonly [number, number, number]
  readonly classNames: readonly string[]
  readonly trainCount: number
  readonly testCount: number
  /** Address prefixes, tried in this order; mirrors may come before the official host. */
  readonly hosts: readonly string[]
  readonly files: readonly CatalogFile[]
  readonly licence: string
  readonly citation: string
}

const idxFile = (name: string, bytes: number, sha256: string, memberBytes: number, memberSha256: string) => ({
  name: `${name}.gz`,
  bytes,
  sha256,
  members: [{ name, bytes: memberBytes, sha256: memberSha256 }],
})

const cifarMember = (name: string, sha256: string): CatalogMember => ({ name, bytes: 30_730_000, sha256 })
// Both versions have their checksums in PyTorch's torchvision and in its port to Ruby.
const pickled = (name: string, md5: string) => ({ name, md5 })

const mnist: CatalogEntry = {
  name: 'mnist',
  title: 'MNIST, handwritten digits',
  format: 'idx',
  folder: 'MNIST/raw',
  shape: [28, 28, 1],
  classNames: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  trainCount: 60_000,
  testCount: 10_000,
  // The official host refuses automatic downloads for years now: it comes last.
  hosts: [
    'https://ossci-datasets.s3.amazonaws.com/mnist/',
    'https://storage.googleapis.com/cvdf-datasets/mnist/',
    'http://yann.lecun.com/exdb/mnist/',
  ],
  files: [
    idxFile(
      'train-images-idx3-ubyte',
      9_912_422,
      '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609',
      47_040_016,
      'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
    ),
    idxFile(
      'train-labels-idx1-ubyte',
      28_881,
      '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c',
      60_008,
      '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
    ),
    idxFile(
      't10k-images-idx3-ubyte',
      1_648_877,
      '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6',
      7_840_016,
      '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
    ),
    idxFile(
      't10k-labels-idx1-ubyte',
      4_542,
      'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6',
      10_008,
      'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
    ),
  ],
  npz: { name: 'mnist.npz', sha256: '731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1' },
  licence: 'No licence text comes with the files; derived from NIST data, commonly passed on under CC BY-SA 3.0.',
  citation:
    'Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document recognition", Proceedings of the IEEE 86(11), 1998.',
}

const fashionMnist: CatalogEntry = {
  name: 'fashion-mnist',
  title: 'Fashion-MNIST, articles of clothing',
  format: 'idx',
  folder: 'FashionMNIST/raw',
  shape: [28, 28, 1],
  classNames: [
    'T-shirt/top',
    'Trouser',
    'Pullover',
    'Dress',
    'Coat',
    'Sandal',
    'Shirt',
    'Sneaker',
    'Bag',
    'Ankle boot',
  ],
  trainCount: 60_000,
  testCount: 10_000,
  hosts: [
    'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/',
    'https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/',
    'https://storage.googleapis.com/tensorflow/tf-keras-datasets/',
  ],
  files: [
    idxFile(
      'train-images-idx3-ubyte',
      26_421_880,
      '3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84',
      47_040_016,
      'c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888',
    ),
    idxFile(
      'train-labels-idx1-ubyte',
      29_515,
      'a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845',
      60_008,
      'bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9',
    ),
    idxFile(
      't10k-images-idx3-ubyte',
      4_422_102,
      '346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073',
      7_840_016,
      '5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b',
    ),
    idxFile(
      't10k-labels-idx1-ubyte',
      5_148,
      '67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5',
      10_008,
      '0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34',
    ),
  ],
  licence: 'MIT, copyright 2017 Zalando SE.',
  citation:
    'H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms", arXiv:1708.07747, 2017.',
}

const cifarLicence = 'None stated; the authors ask for a citation of the report.'
const cifarCitation =
  'A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", technical report, University of Toronto, 2009.'

const cifar10: CatalogEntry = {
  name: 'cifar-10',
  title: 'CIFAR-10, small colour photographs',
  format: 'cifar',
  folder: 'cifar-10-batches-bin',
  labels: ['labels'],
  shape: [32, 32, 3],
  classNames: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
  trainCount: 50_000,
  testCount: 10_000,
  hosts: ['https://www.cs.toronto.edu/~kriz/', 'https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/'],
  files: [
    {
      name: 'cifar-10-binary.tar.gz',
      members: [
        cifarMember('data_batch_1.bin', 'cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5'),
        cifarMember('data_batch_2.bin', 'a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed'),
        cifarMember('data_batch_3.bin', 'bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67'),
        cifarMember('data_batch_4.bin', '014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48'),
        cifarMember('data_batch_5.bin', '755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add'),
        cifarMember('test_batch.bin', '8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b'),
      ],
    },
  ],
  python: {
    folder: 'cifar-10-batches-py',
    archives: ['cifar-10-python.tar.gz', 'cifar-10-batches-py.tar.gz', 'cifar-10-batches-py-target_archive'],
    members: [
      pickled('data_batch_1', 'c99cafc152244af753f735de768cd75f'),
      pickled('data_batch_2', 'd4bba439e000b95fd0a9bffe97cbabec'),
      pickled('data_batch_3', '54ebc095f3ab1f0389bbae665268c751'),
      pickled('data_batch_4', '634d18415352ddfa80567beed471001a'),
      pickled('data_batch_5', '482c414d41f54cd18b22e5b47cb7c3cb'),
      pickled('test_batch', '40351d587109b95175f43aff81a1287e'),
    ],
  },
  licence: cifarLicence,
  citation: cifarCitation,
}

const cifar100: CatalogEntry = {
  name: 'cifar-100',
  title: 'CIFAR-100, small colour photographs of a hundred classes',
  format: 'cifar',
  folder: 'cifar-100-binary',
  labels: ['coarse_labels', 'fine_labels'],
  shape: [32, 32, 3],
  classNames: cifar100Classes,
  trainCount: 50_000,
  testCount: 10_000,
  hosts: ['https://www.cs.toronto.edu/~kriz/'],
  files: [
    {
      name: 'cifar-100-binary.tar.gz',
      members: [
        {
          name: 'train.bin',
          bytes: 153_700_000,
          sha256: 'f31298fc616915fa142368359df1c4ca2ae984d6915ca468b998a5ec6aeebf29',
        },
        {
          name: 'test.bin',
          bytes: 30_740_000,
          sha256: 'd8b1e6b7b3bee4020055f0699b111f60b1af1e262aeb93a0b659061746f8224a',
        },
      ],
    },
  ],
  python: {
    folder: 'cifar-100-python',
    archives: ['cifar-100-python.tar.gz', 'cifar-100-python-target_archive'],
    members: [
      pickled('train', '16019d7e3df5f24257cddd939b257f8d'),
      pickled('test', 'f0ef6b0ae62326f3e7ffdfab6717acfc'),
    ],
  },
  licence: cifarLicence,
  citation: cifarCitation,
}

export const catalog: readonly CatalogEntry[] = [mnist, fashionMnist, cifar10, cifar100]
