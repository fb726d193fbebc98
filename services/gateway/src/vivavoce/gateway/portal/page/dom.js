// Elements from data: every text goes in as text, so that nothing that was sent can become markup.

/**
 * An element: `h("a.button", {href, onclick}, "text", node, [more], null)`. Properties that start with "on"
 * listen, false and null ones are left out, true ones are empty attributes.
 */
export function h(selector, properties = {}, ...children) {
  const [tag, ...classes] = selector.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  for (const [name, value] of Object.entries(properties || {})) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...nodes(children));
  return element;
}

function nodes(children) {
  return children
    .flat(Infinity)
    .filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : document.createTextNode(String(child))));
}

/** Replace what an element holds. */
export function fill(element, ...children) {
  element.replaceChildren(...nodes(children));
  return element;
}

let counter = 0;

/** An id that no other element of the page has. */
export function freshId(name) {
  counter += 1;
  return `${name}-${counter}`;
}
