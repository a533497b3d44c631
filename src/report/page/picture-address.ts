import type { Html } from './html.js';

const said = / (?:aria-[a-z]+|role|opacity|font-family)="[^"]*"/g;
/** Characters that a data address may hold as they are, in a quoted attribute too. */
const plain = /%(?:20|2C|2F|3A|3B|3D|28|29)/g;

/**
 * A picture as the address of an image. What only an inline picture needs is left out, its names for screen readers
 * above all: an image has one text for them. With its marks by the hundred, that halves a picture.
 */
export function pictureAddress(svg: string): Html {
  const marks = svg
    .replace(said, (attribute) => (/ opacity="(?!1")/.test(attribute) ? attribute : ''))
    .replace('<svg ', '<svg font-family="system-ui, sans-serif" ')
    .replace(/rgb\((\d+), (\d+), (\d+)\)/g, 'rgb($1,$2,$3)');
  // Single quotes need no escape; a picture that holds some keeps its own.
  const quoted = marks.includes("'") ? marks : marks.replaceAll('"', "'");
  // Nothing that could end the attribute is left by the encoding, so it is markup as it is.
  return { markup: `data:image/svg+xml,${encodeURIComponent(quoted).replace(plain, decodeURIComponent)}` };
}
