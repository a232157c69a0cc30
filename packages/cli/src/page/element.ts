/** An element that the page is known to have (report/live.ts writes them all). */
export function element<E extends Element = HTMLElement>(id: string): E {
  return document.getElementById(id) as Element as E
}
