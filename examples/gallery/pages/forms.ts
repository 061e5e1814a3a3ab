import { type } from 'arktype'
import { attrs, createLiveView, each, html, type Rendered } from 'liveloom'
import { type Field, type Form, form, type FormError, type FormRow, type StandardSchema } from 'liveloom/forms'
import * as v from 'valibot'
import { z } from 'zod'
import { frame, type GalleryPage } from '../page.ts'

const whole = (message: string): z.ZodType<number, string> =>
  z.string().min(1, message).transform(Number).pipe(z.int(message).min(0, message))
const chosen = z.array(z.string()).transform((values) => values.filter((value) => value !== ''))

const Guest = z.object({ name: z.string().min(2, 'At least two letters'), age: whole('How old?') })
const Booking = z.object({
  name: z.string().min(2, 'At least two letters'),
  email: z.email('This is no address'),
  address: z.object({ city: z.string().min(1, 'Where?'), zip: z.string().regex(/^\d{4,5}$/, 'Four or five digits') }),
  room: z.enum(['single', 'double'], 'Choose one'),
  breakfast: z.stringbool(),
  extras: chosen,
  wish: z.string().max(40, 'Forty letters at most'),
  guests: z.array(Guest).min(1, 'Who is coming?').max(4, 'Four guests at most'),
})
type BookingForm = Form<typeof Booking>

/** `number` makes each form a new one for the browser, which else would remember what was typed and touched. */
const newBooking = (number: number): BookingForm =>
  form(Booking, { breakfast: true, extras: ['towels'], guests: [{}] }, { name: 'booking', id: `booking-${number}` })

interface BookingContext {
  readonly booking: BookingForm
  readonly booked: readonly z.output<typeof Booking>[]
}

const bookings = createLiveView<BookingContext, { type: 'validate' | 'book' }>({
  mount: (socket) => {
    socket.pageTitle('Forms')
    socket.assign({ booking: newBooking(0), booked: [] })
  },

  handleEvent: async (socket, event) => {
    const { booking, booked } = socket.context
    if (event.type === 'validate') {
      socket.assign({ booking: await booking.validate(event.values) })
      return
    }
    const submission = await booking.submit(event.values)
    if (!submission.ok) socket.assign({ booking: submission.form })
    else if (booked.some(({ email }) => email === submission.data.email)) {
      socket.assign({ booking: submission.form.withErrors({ email: 'This address has a booking already' }) })
    } else {
      socket.assign({ booked: [...booked, submission.data], booking: newBooking(booked.length + 1) })
    }
  },

  render: ({ booking, booked }) =>
    frame(
      page,
      html`${tabs('/forms')}
        <form
          id="${booking.id}"
          class="card stack"
          aria-label="Booking"
          phx-change="validate"
          phx-submit="book"
          novalidate
          autocomplete="off"
        >
          <div class="columns">
            ${input('Name', booking.field('name'))}
            ${input('E-mail', booking.field('email'), { type: 'email', 'phx-debounce': 'blur' })}
            ${input('City', booking.nested('address').field('city'))}
            ${input('Zip code', booking.nested('address').field('zip'), { inputmode: 'numeric' })}
          </div>
          ${choices(booking)} ${guestRows(booking)}
          <div class="row">
            <button class="primary" phx-disable-with="Booking…">Book</button>
            <span class="badge ${booking.valid && 'good'}" role="status">${booking.valid ? 'can be sent' : 'not complete'}</span>
          </div>
        </form>
        <section class="card stack" aria-label="Bookings">
          <h2>What the schema made of it</h2>
          ${booked.length === 0 && html`<p class="empty">Nothing yet.</p>`}
          ${booked.map((data) => html`<pre>${JSON.stringify(data, null, 1)}</pre>`)}
        </section>`,
    ),
})

function choices(booking: BookingForm): Rendered {
  const [room, breakfast, extras, wish] = [
    booking.field('room'),
    booking.field('breakfast'),
    booking.field('extras'),
    booking.field('wish'),
  ]
  const radio = (value: string): Rendered => html`<label class="check">
    <input type="radio" name="${room.name}" value="${value}" checked=${room.is(value)} /> ${value}
  </label>`
  const box = (value: string): Rendered => html`<label class="check">
    <input type="checkbox" name="${extras.name}[]" value="${value}" checked=${extras.is(value)} /> ${value}
  </label>`
  return html`<div class="columns">
      <fieldset>
        <legend>Room</legend>
        ${radio('single')} ${radio('double')} ${errorsOf(room)}
      </fieldset>
      <fieldset>
        <legend>With</legend>
        <input type="hidden" name="${breakfast.name}" value="false" />
        <label class="check">
          <input type="checkbox" name="${breakfast.name}" value="true" checked=${breakfast.is('true')} /> breakfast
        </label>
        <input type="hidden" name="${extras.name}[]" value="" />
        ${box('towels')} ${box('cot')} ${errorsOf(extras)}
      </fieldset>
    </div>
    <div class="field">
      <label for="${wish.id}">A wish</label>
      <textarea id="${wish.id}" name="${wish.name}" rows="2" phx-debounce="200">
${wish.value}</textarea>
      ${errorsOf(wish)}
    </div>`
}

function guestRows(booking: BookingForm): Rendered {
  const guests = booking.list('guests')
  return html`<fieldset class="stack">
    <legend>Guests</legend>
    <input ${attrs(guests.hidden)} />
    <div class="row"><button class="small" ${attrs(guests.add)}>Add as the first</button></div>
    ${each(guests.rows, (row) => row.key, guestRow)} ${errorsOf(guests)}
    <div class="row"><button class="small" ${attrs(guests.add)}>Add as the last</button></div>
  </fieldset>`
}

function guestRow(row: FormRow<z.input<typeof Guest>>): Rendered {
  return html`<div class="well columns" role="group" aria-label="Guest ${row.index + 1}" id="${row.field('name').id}-row">
    <input ${attrs(row.hidden)} />
    ${input('Name', row.field('name'))} ${input('Age', row.field('age'), { inputmode: 'numeric' })}
    <button class="small quiet" ${attrs(row.remove)}>Remove</button>
  </div>`
}

/** The input of all forms here: its label, its attributes, its errors. */
function input(label: string, field: Field, more: Readonly<Record<string, unknown>> = {}): Rendered {
  return html`<div class="field">
    <label for="${field.id}">${label}</label>
    <input ${attrs({ ...field.attrs, 'aria-describedby': `${field.id}-errors`, ...more })} />
    ${errorsOf(field, `${field.id}-errors`)}
  </div>`
}

function errorsOf({ errors }: { readonly errors: readonly FormError[] }, id?: string): Rendered {
  return html`<p id=${id} class="error">${errors.map((error) => html`<span>${error}</span> `)}</p>`
}

/** The same rules in three ways of saying them. */
type Account = StandardSchema<{ name: string; age: string }, { name: string; age: number }>
const accounts: Readonly<Record<string, Account>> = {
  zod: z.object({
    name: z.string().min(2, 'Too short'),
    age: z.string().transform(Number).pipe(z.number('No number').min(18, 'Too young')),
  }),
  valibot: v.object({
    name: v.pipe(v.string(), v.minLength(2, 'Too short')),
    age: v.pipe(v.string(), v.toNumber('No number'), v.minValue(18, 'Too young')),
  }),
  arktype: type({
    name: type('string >= 2').configure({ message: 'Too short' }),
    age: type('string.numeric.parse').to(type('number >= 18').configure({ message: 'Too young' })),
  }),
}

const validators = createLiveView<{ forms: Readonly<Record<string, Form<Account>>> }, { type: 'validate' | 'save' }>({
  mount: (socket) => {
    socket.pageTitle('Validators')
    const forms = Object.entries(accounts).map(([name, schema]) => [name, form(schema, {}, { name })])
    socket.assign({ forms: Object.fromEntries(forms) as Record<string, Form<Account>> })
  },

  handleEvent: async (socket, event) => {
    const forms = { ...socket.context.forms }
    for (const [name, account] of Object.entries(forms)) {
      // One form was sent. The others keep what they have.
      if (!Object.hasOwn(event.values as object, name)) continue
      forms[name] =
        event.type === 'save' ? (await account.submit(event.values)).form : await account.validate(event.values)
    }
    socket.assign({ forms })
  },

  render: ({ forms }) =>
    frame(
      page,
      html`${tabs('/forms/validators')}
        <div class="columns">
          ${each(
            Object.entries(forms),
            ([name]) => name,
            ([name, account]) => html`<form
              id="${account.id}"
              class="card stack"
              aria-label="${name}"
              phx-change="validate"
              phx-submit="save"
              novalidate
            >
              <h2>${name}</h2>
              ${input('Name', account.field('name'))} ${input('Age', account.field('age'))}
              <button>Save</button>
              <pre role="status">${JSON.stringify(account.data ?? null)}</pre>
            </form>`,
          )}
        </div>`,
    ),
})

/** Inputs give no time zone: here what they say is UTC, as `field.date` and the others print it. */
const utc = (what: string, toText: (value: string) => string): z.ZodType<Date, string> =>
  z
    .string()
    .transform((value) => new Date(`${toText(value)}Z`))
    .pipe(z.date(what))
const Meeting = z.object({
  day: utc('Which day?', (day) => `${day}T00:00`),
  begins: utc('When does it begin?', (begins) => begins),
  alarm: utc('When shall it ring?', (time) => `1970-01-01T${time}`),
})

const dates = createLiveView<{ meeting: Form<typeof Meeting> }, { type: 'validate' | 'save' }>({
  mount: (socket) => {
    socket.pageTitle('Dates')
    // As they come from a database.
    const begins = new Date('2024-05-06T17:30:00Z')
    socket.assign({ meeting: form(Meeting, { day: begins, begins, alarm: new Date('1970-01-01T06:45:00Z') }) })
  },

  handleEvent: async (socket, event) => {
    const { meeting } = socket.context
    if (event.type === 'validate') socket.assign({ meeting: await meeting.validate(event.values) })
    else socket.assign({ meeting: (await meeting.submit(event.values)).form })
  },

  render: ({ meeting }) => {
    const [day, begins, alarm] = [meeting.field('day'), meeting.field('begins'), meeting.field('alarm')]
    return frame(
      page,
      html`${tabs('/forms/dates')}
        <form
          id="${meeting.id}"
          class="card stack"
          aria-label="Meeting"
          phx-change="validate"
          phx-submit="save"
          novalidate
        >
          <div class="columns">
            ${input('Day', day, { type: 'date', value: day.date })}
            ${input('Begins', begins, { type: 'datetime-local', value: begins.dateTime })}
            ${input('Alarm', alarm, { type: 'time', value: alarm.time })}
          </div>
          <div class="row"><button class="primary">Save</button></div>
          <pre role="status">${JSON.stringify(meeting.data ?? null)}</pre>
        </form>`,
    )
  },
})

const SignIn = z.object({ name: z.string().min(2, 'At least two letters') })

const signIn = createLiveView<{ sign: Form<typeof SignIn>; go: boolean }, { type: 'validate' | 'sign-in' }>({
  mount: (socket) => {
    socket.pageTitle('A native submit')
    socket.assign({ sign: form(SignIn), go: false })
  },

  handleEvent: async (socket, event) => {
    const { sign } = socket.context
    if (event.type === 'validate') {
      socket.assign({ sign: await sign.validate(event.values) })
      return
    }
    const { ok, form: checked } = await sign.submit(event.values)
    socket.assign({ sign: checked, go: ok })
  },

  render: ({ sign, go }) =>
    frame(
      page,
      html`${tabs('/forms/sign-in')}
        <form
          id="sign-in"
          class="card stack"
          aria-label="Sign in"
          action="/forms/welcome"
          method="get"
          phx-change="validate"
          phx-submit="sign-in"
          phx-trigger-action=${go}
          novalidate
        >
          <p class="hint">
            Checked here, then sent as a form always was: the browser loads the page that is named in its action.
          </p>
          ${input('Name', sign.field('name'))}
          <div class="row"><button class="primary">Sign in</button></div>
        </form>`,
    ),
})

const welcome = createLiveView<{ name: string }>({
  mount: (socket, _session, params) => {
    socket.pageTitle('Welcome')
    // The address may have been typed by hand: the schema is asked again.
    const { success, data } = SignIn.safeParse(params)
    socket.assign({ name: success ? data.name : 'stranger' })
  },
  render: ({ name }) =>
    frame(page, html`${tabs('/forms/sign-in')}<p class="notice good" role="status">Welcome, ${name}!</p>`),
})

function tabs(current: string): Rendered {
  const tab = (path: string, title: string): Rendered =>
    html`<a href="${path}" aria-current=${path === current && 'page'}>${title}</a>`
  return html`<nav class="tabs" aria-label="Kinds of forms">
    ${tab('/forms', 'Groups and rows')} ${tab('/forms/validators', 'Validators')} ${tab('/forms/dates', 'Dates')} ${tab('/forms/sign-in', 'A native submit')}
  </nav>`
}

export const page: GalleryPage = {
  path: '/forms',
  title: 'Forms',
  about:
    'A schema says what is right. Errors appear where the visitor has been; groups nest, rows come and go, and after a lost connection all of it is back.',
  routes: {
    '/forms': bookings,
    '/forms/validators': validators,
    '/forms/dates': dates,
    '/forms/sign-in': signIn,
    '/forms/welcome': welcome,
  },
}
