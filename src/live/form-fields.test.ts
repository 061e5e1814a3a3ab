import { expect, it } from 'vitest'
import { LiveRig } from '../../test/support/live-rig.ts'
import { html } from '../template/html.ts'
import { createLiveView } from './view.ts'
import { live_form_fields, type LiveFormOptions } from './form-fields.ts'

it('a form has the same field in each render, and one of other events another', async () => {
  const seen: string[][] = []
  const view = createLiveView({
    mount: (socket) => socket.assign({ count: 0 }),
    handleEvent: (socket) => socket.assign({ count: seen.length }),
    render: ({ count }, meta) => {
      const fields = [{ submit: 'save' }, { submit: 'save', change: 'check' }, { submit: 'drop' }]
      seen.push(fields.map((options) => String(live_form_fields(meta, options).values[1])))
      return html`<p>${count}</p>`
    },
  })
  const rig = await LiveRig.joined(view)
  await rig.event('again')
  expect(seen).toHaveLength(2)
  expect(seen[1]).toEqual(seen[0])
  expect(new Set(seen[0]).size).toBe(3)
})

it('no event has the field among its values', async () => {
  const events: unknown[] = []
  const view = createLiveView({
    handleEvent: (_, event) => void events.push(event),
    render: (_, meta) => html`<form>${live_form_fields(meta, { submit: 'save' })}</form>`,
  })
  const rig = await LiveRig.joined(view)
  await rig.push('event', { type: 'form', event: 'save', value: '_live_form=abc&title=x' })
  expect(events).toEqual([{ type: 'save', values: { title: 'x' }, title: 'x' }])
})

it.each([
  [
    { csrfToken: 'x' },
    { submit: 'save' },
    'live_form_fields: expected the meta of a render, whole, got a plain object',
  ],
  [undefined, {}, 'live_form_fields: submit must be the name of an event, as phx-submit has it, got undefined'],
  [undefined, { submit: '' }, "live_form_fields: submit must be the name of an event, as phx-submit has it, got ''"],
  [
    undefined,
    { submit: 'a', change: 1 },
    'live_form_fields: change must be the name of an event, as phx-change has it, got 1',
  ],
] as const)('refuses %o and %o', async (other, options, message) => {
  let thrown: unknown
  const view = createLiveView({
    render: (_, meta) => {
      try {
        live_form_fields(other ?? meta, options as unknown as LiveFormOptions)
      } catch (error) {
        thrown = error
      }
      return html`<p></p>`
    },
  })
  await LiveRig.joined(view)
  expect(thrown).toMatchObject({ code: 'ERR_TEMPLATE_VALUE', message })
})
