/* tests/browser/papers.mjs: documents as people hand them in: a small picture, a page of PDF */
import { deflateSync } from 'node:zlib';

/* CRC-32 of ISO 3309, as PNG wants it (node 18 has none). */
function crc(bytes) {
  let value = ~0;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  return ~value >>> 0;
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]), frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/* Shades of grey, from dark to light. */
const WIDTH = 240, HEIGHT = 150;
const shades = Buffer.concat([Buffer.from([0]), Buffer.from(Array.from({ length: WIDTH }, (_, x) => 96 + (x >> 1)))]);
const head = Buffer.from([0, 0, 0, WIDTH, 0, 0, 0, HEIGHT, 8, 0, 0, 0, 0]);

export const PNG = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head),
  chunk('IDAT', deflateSync(Buffer.concat(Array.from({ length: HEIGHT }, () => shades)))), chunk('IEND', Buffer.alloc(0))]);

export const PDF = Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n'
  + '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\nxref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n0000000052 00000 n \n0000000101 00000 n \n'
  + 'trailer<</Size 4/Root 1 0 R>>\nstartxref\n164\n%%EOF\n');
