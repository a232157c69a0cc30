/** `fovea diagnose`: on run directories and on CSV files of other programs. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { DiagnoseDocument, ErrorDocument } from '../../packages/cli/src/command/documents.ts'
import { callFovea } from './fovea-call.testing.ts'

const folder = mkdtempSync(join(tmpdir(), 'fovea-diagnose-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function diagnosed(path: string) {
  const call = await callFovea(['diagnose', path, '--json'])
  return { code: call.code, document: JSON.parse(call.stdout) as DiagnoseDocument & ErrorDocument }
}

function file(name: string, lines: readonly string[]): string {
  const path = join(folder, name)
  writeFileSync(path, `${lines.join('\n')}\n`)
  return path
}

describe('diagnose', () => {
  test('reads a CSV as Keras writes it, epochs from 0', async () => {
    const losses = [1.5, 1.1, 0.8, 0.6, 0.45, 0.33, 0.24, 0.17, 0.12, 0.08, 0.06, 0.04]
    const path = file('overfit.csv', [
      'epoch,accuracy,loss,val_accuracy,val_loss',
      ...losses.map((loss, epoch) => `${epoch},${1 - loss / 2},${loss},0.7,${0.7 + 0.05 * Math.abs(epoch - 6)}`),
    ])
    const { code, document } = await diagnosed(path)
    expect(code).toBe(0)
    expect(document.findings.map(({ kind, epoch }) => ({ kind, epoch }))).toEqual([{ kind: 'overfitting', epoch: 6 }])
  })

  test('people see the curves before what they say', async () => {
    const path = file('short.csv', ['epoch,accuracy,loss', '0,0.4,1.5', '1,0.6,1.1', '2,0.7,0.9'])
    const { stdout } = await callFovea(['diagnose', path])
    expect(stdout).toMatch(/^ +accuracy +loss\n[\s\S]*\nt training \(solid\) {3}▲ best epoch\n\n[a-z -]+: /)
  })

  test('columns in any order, other separators, NaN as words, validation missing', async () => {
    const path = file('nan.csv', ['loss;epoch;lr', '2.1;0;0.1', 'nan;1;0.1'])
    const { document } = await diagnosed(path)
    expect(document.findings).toMatchObject([{ kind: 'diverged', epoch: 1 }])
  })

  test('reads the story of a run, also of one that broke down before its end', async () => {
    const run = join(folder, 'run')
    mkdirSync(run)
    const epoch = (number: number, loss: unknown) => ({
      type: 'epoch-end',
      epoch: number,
      logs: { loss, accuracy: 0.1 },
    })
    const lines = [{ type: 'run', perClass: [5, 5] }, epoch(1, 3), epoch(1, 2), epoch(2, 'NaN')]
    writeFileSync(join(run, 'run.jsonl'), lines.map(line => `${JSON.stringify(line)}\n`).join(''))
    const { document } = await diagnosed(run)
    expect(document.findings).toMatchObject([{ kind: 'diverged', epoch: 2 }])
  })

  test('dead and saturated units are read from the end of a run', async () => {
    const run = join(folder, 'dead')
    mkdirSync(run)
    const epoch = (number: number) => ({ type: 'epoch-end', epoch: number, logs: { loss: 1 / number } })
    const layer = { layer: 'conv2d', activation: 'relu', units: 32, dead: 30, saturated: 0 }
    const lines = [{ type: 'run' }, epoch(1), epoch(2), epoch(3), { type: 'units', pictures: 256, layers: [layer] }]
    writeFileSync(join(run, 'run.jsonl'), lines.map(line => `${JSON.stringify(line)}\n`).join(''))
    const { document } = await diagnosed(run)
    expect(document.findings.map(({ kind }) => kind)).toEqual(['saturated-units'])
    expect(document.findings[0]!.evidence).toMatch(/30 of 32 in conv2d \(relu\)/)
  })

  test.each([
    ['no losses', ['epoch,val_loss', '0,1'], /no column of losses/],
    ['no epochs', ['epoch,loss'], /no epochs/],
    ['no number', ['epoch,loss', '0,much'], /line 2: the loss is not a number/],
  ])('%s: says so', async (name, lines, message) => {
    const { code, document } = await diagnosed(file(`${name}.csv`, lines))
    expect(code).toBe(1)
    expect(document.error[0]!.what).toMatch(message)
  })

  const cases = process.env['FOVEA_CASES']
  test.skipIf(!cases)('histories from the field (skipped without FOVEA_CASES)', async () => {
    const found = async (name: string) => {
      const { document } = await diagnosed(join(cases!, 'field/csv', name))
      return document.findings.map(({ kind, epoch }) => [kind, epoch])
    }
    expect(await found('fastai.csv')).toEqual([['overfitting', 1]])
    expect(await found('pandas-history.csv')).toEqual([['overfitting', 1]])
    expect(await found('keras3-no-validation.csv')).toEqual([['learning-rate-too-low', 7]])
  })

  test('a run that was interrupted goes on next', async () => {
    const run = join(folder, 'interrupted')
    mkdirSync(run)
    const epoch = (number: number) => ({ type: 'epoch-end', epoch: number, logs: { loss: 2 - number / 10 } })
    const lines = [
      { type: 'train-begin', epochs: 9 },
      ...[1, 2, 3, 4, 5, 6, 7].map(epoch),
      { type: 'train-end', reason: 'aborted' },
    ]
    writeFileSync(join(run, 'run.jsonl'), lines.map(line => `${JSON.stringify(line)}\n`).join(''))
    const { stdout } = await callFovea(['diagnose', run])
    expect(stdout).toMatch(/\nstopped too soon: Training was interrupted after 7 of 9 epochs/)
    expect(stdout).toMatch(/Next: fovea train --resume \S*interrupted/)
    expect(stdout).not.toMatch(/learning rate too low/)
  })

  test('says which columns were read and which were passed over', async () => {
    const path = file('fastai.csv', ['epoch,train_loss,valid_loss,accuracy,time', '0,2,2,0.3,00:01', '1,1,1,0.5,00:01'])
    const { stdout } = await callFovea(['diagnose', path])
    expect(stdout).toMatch(
      /Read: epoch as the epoch, train_loss as training loss, valid_loss as validation loss, accuracy as validation accuracy\. Passed over: time\./,
    )
    const { document } = await diagnosed(path)
    expect(document.columns).toMatchObject({ passedOver: ['time'], empty: [] })
  })

  test('a path that is nothing, a folder that is no run', async () => {
    expect((await diagnosed(join(folder, 'nothing'))).document.error[0]!.what).toMatch(/There is no run/)
    expect((await diagnosed(folder)).document.error[0]!.what).toMatch(/holds no run/)
  })
})
