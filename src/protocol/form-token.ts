/** The hidden field of a form that its page can also send over HTTP: what the form is. It is no field of the form to its view. */
export const formTokenField = '_live_form'
