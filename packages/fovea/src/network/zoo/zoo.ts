/** All networks by name: those of the recipes, and the published ones to build, summarise and run. */
import { anyText, checkArguments } from '../../base/arguments.ts'
import { nearest, UserError } from '../../base/errors.ts'
import { number, optional, parse, record } from '../../base/schema.ts'
import { positiveInteger, shapeField } from '../../layers/options.ts'
import { alexnet, alexnetGrouped } from './alexnet.ts'
import { cifar10Fast, cifar1094 } from './cifar10-94.ts'
import { cifar10Cnn } from './cifar10-cnn.ts'
import { cifar10CnnOptimized } from './cifar10-cnn-optimized.ts'
import { cifar10CnnSmall, cifar10CnnSmall8 } from './cifar10-cnn-small.ts'
import { cifar10CnnWide } from './cifar10-cnn-wide.ts'
import { cifar10Mlp } from './cifar10-mlp.ts'
import { fashionLenet } from './fashion-lenet.ts'
import { fashionFast, mnistFast } from './fast.ts'
import { googlenet, googlenetAuxiliary } from './googlenet.ts'
import { lenet } from './lenet.ts'
import { lenet5 } from './lenet5.ts'
import { mnistCnn } from './mnist-cnn.ts'
import { mnistCnnCourse } from './mnist-cnn-course.ts'
import { mnistMlp } from './mnist-mlp.ts'
import { mobilenetV1, mobilenetV2 } from './mobilenet.ts'
import { resnet18, resnet20, resnet50, resnet56 } from './resnet.ts'
import { shapesCnn, shapesMlp } from './shapes.ts'
import { vgg16 } from './vgg16.ts'
import type { ZooModel, ZooOptions } from './zoo-model.ts'

export type { ZooModel, ZooOptions } from './zoo-model.ts'

const networks = {
  'mnist-mlp': mnistMlp,
  'mnist-cnn': mnistCnn,
  'mnist-cnn-course': mnistCnnCourse,
  'fashion-lenet': fashionLenet,
  lenet5,
  'cifar10-mlp': cifar10Mlp,
  'cifar10-cnn': cifar10Cnn,
  'cifar10-cnn-small': cifar10CnnSmall,
  'cifar10-cnn-small-8': cifar10CnnSmall8,
  'cifar10-cnn-wide': cifar10CnnWide,
  'cifar10-cnn-optimized': cifar10CnnOptimized,
  'mnist-fast': mnistFast,
  'fashion-fast': fashionFast,
  'cifar10-fast': cifar10Fast,
  'cifar10-94': cifar1094,
  'shapes-mlp': shapesMlp,
  'shapes-cnn': shapesCnn,
  lenet,
  alexnet,
  'alexnet-grouped': alexnetGrouped,
  vgg16,
  googlenet,
  'googlenet-auxiliary': googlenetAuxiliary,
  resnet18,
  resnet20,
  resnet50,
  resnet56,
  'mobilenet-v1': mobilenetV1,
  'mobilenet-v2': mobilenetV2,
} as const satisfies Readonly<Record<string, ZooModel>>

/** A network of the zoo by its name. */
export type ZooName = keyof typeof networks

const fields = { classes: optional(positiveInteger), inputShape: optional(shapeField) }
/** Wider than 16, the memory of any machine is passed. */
const alphaField = optional(number({ above: 0, most: 16 }))

/** Every network by name. `build` throws UserError for options that it does not have. */
export const zoo = Object.fromEntries(
  Object.entries<ZooModel>(networks).map(([name, network]) => [
    name,
    { ...network, build: (options = {}) => network.build(chosen(name, network, options)) } satisfies ZooModel,
  ]),
) as unknown as typeof networks

function chosen(name: string, network: ZooModel, options: ZooOptions): ZooOptions {
  const what = `network ${name}`
  const read: ZooOptions =
    network.alpha === undefined
      ? parse(record(fields), options, what)
      : parse(record({ ...fields, alpha: alphaField }), options, what)
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined))
}

/** The network of this name. Throws UserError with the nearest one. */
export function zooModel(name: string): ZooModel {
  if (typeof name === 'string' && Object.hasOwn(zoo, name)) return zoo[name as ZooName]
  checkArguments('zooModel', { name: anyText }, { name })
  const guess = nearest(name, Object.keys(zoo))
  throw new UserError({
    what: `There is no network called '${name}'.`,
    expected: Object.keys(zoo).join(', '),
    received: name,
    ...(guess === undefined ? {} : { fix: `Did you mean '${guess}'?` }),
  })
}
