import { html, type Rendered } from 'liveloom'
import {
  js,
  type JsClassOptions,
  type JsCommands,
  type JsHideOptions,
  type JsonObject,
  type JsPushOptions,
  type JsShowOptions,
  type JsTarget,
  type JsToggleOptions,
  type JsTransition,
  type WireJsCommand,
} from 'liveloom/js'
import { describe, expectTypeOf, it } from 'vitest'

interface Photo {
  readonly id: number
  readonly name: string
}

describe('js', () => {
  it('is a list of commands, and so is what every method gives', () => {
    expectTypeOf(js).toEqualTypeOf<JsCommands>()
    type Gives = {
      [Method in Exclude<keyof JsCommands, 'toJSON' | 'toString' | symbol>]: ReturnType<JsCommands[Method]>
    }
    expectTypeOf<Gives[keyof Gives]>().toEqualTypeOf<JsCommands>()
    expectTypeOf<keyof Gives>().toEqualTypeOf<
      | 'push'
      | 'navigate'
      | 'patch'
      | 'dispatch'
      | 'exec'
      | 'show'
      | 'hide'
      | 'toggle'
      | 'addClass'
      | 'removeClass'
      | 'toggleClass'
      | 'transition'
      | 'setAttribute'
      | 'removeAttribute'
      | 'toggleAttribute'
      | 'ignoreAttributes'
      | 'focus'
      | 'focusFirst'
      | 'pushFocus'
      | 'popFocus'
      | 'concat'
    >()
    expectTypeOf(js.toJSON()).toEqualTypeOf<WireJsCommand[]>()
    expectTypeOf(html`<p phx-click="${js.hide()}"></p>`).toEqualTypeOf<Rendered>()
  })

  it('knows the options of each command', () => {
    expectTypeOf<keyof JsPushOptions>().toEqualTypeOf<'value' | 'target' | 'loading' | 'pageLoading'>()
    expectTypeOf<keyof JsShowOptions>().toEqualTypeOf<'to' | 'time' | 'blocking' | 'transition' | 'display'>()
    expectTypeOf<keyof JsHideOptions>().toEqualTypeOf<'to' | 'time' | 'blocking' | 'transition'>()
    expectTypeOf<keyof JsToggleOptions>().toEqualTypeOf<'to' | 'time' | 'blocking' | 'display' | 'in' | 'out'>()
    expectTypeOf<keyof JsClassOptions>().toEqualTypeOf<'to' | 'time' | 'blocking' | 'transition'>()
    // @ts-expect-error Hiding has no display.
    js.hide({ display: 'flex' })
    // @ts-expect-error The options of toggle are called in and out.
    js.toggle({ transition: 'fade' })
    // @ts-expect-error Options, not a selector.
    js.show('#modal')
    // @ts-expect-error An event has a name.
    js.push()
    // @ts-expect-error A number of ms.
    js.hide({ time: '300' })
    // @ts-expect-error Nothing to tell it.
    js.popFocus({ to: '#m' })
    // @ts-expect-error Values of attributes are text.
    js.setAttribute('aria-expanded', true)
    // @ts-expect-error One value or two.
    js.toggleAttribute('a', ['1', '2', '3'])
    // @ts-expect-error A list of commands, not their JSON.
    js.concat('[]')
  })

  it('takes targets, and refuses what is none', () => {
    expectTypeOf<'#a'>().toExtend<JsTarget>()
    expectTypeOf<{ closest: string }>().toExtend<JsTarget>()
    expectTypeOf<{ inner: string }>().toExtend<JsTarget>()
    expectTypeOf<number>().not.toExtend<JsTarget>()
    // @ts-expect-error There is no such way to look.
    js.focus({ to: { outer: 'a' } })
    js.push('e', { target: 3 })
    // @ts-expect-error An event's target is a selector or a component.
    js.push('e', { target: { closest: 'a' } })
  })

  it('takes a transition as text or in three parts', () => {
    expectTypeOf<'fade'>().toExtend<JsTransition>()
    expectTypeOf<readonly ['a', readonly ['b', 'c'], '']>().toExtend<JsTransition>()
    // @ts-expect-error A list of another length says not which part is which.
    js.hide({ transition: ['a', 'b'] })
  })

  it('takes values that JSON can say', () => {
    const photo: Photo = { id: 1, name: 'cat' }
    js.push('e', { value: { ...photo, when: new Date(), tags: ['a'] as const, maybe: undefined } })
    expectTypeOf<JsPushOptions['value']>().toEqualTypeOf<JsonObject | undefined>()
    // @ts-expect-error A function is not sent.
    js.push('e', { value: { run: () => 1 } })
    // @ts-expect-error Nor is a map.
    js.push('e', { value: { all: new Map() } })
    // @ts-expect-error Nor a bigint.
    js.dispatch('e', { detail: { id: 1n } })
    // @ts-expect-error The value has fields.
    js.push('e', { value: [1] })
  })
})
