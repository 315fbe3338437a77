// Replaces the value of an input as if the person had typed it.

/**
 * Sets the value and dispatches the events that typing dispatches. Uses the setter of the prototype, because React overrides the
 * setter of the element itself. If the value is set with React's setter, React takes this for its own change and ignores the
 * event.
 */
export function replaceValue(input: HTMLInputElement, value: string): void {
  input.focus();
  Reflect.set(Object.getPrototypeOf(input), 'value', value, input);
  for (const type of ['input', 'change'])
    input.dispatchEvent(new Event(type, { bubbles: true, composed: true, cancelable: true }));
}
