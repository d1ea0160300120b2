// tests/country_file.mjs: writes a country database in MaxMind's format (version 2.0, IPv6 tree)
//
//     node tests/country_file.mjs FILE 127.0.0.0/30=CH 2001:db8::/32=DE …
//
// Small and plain, so that tests can put an address of the loopback into any country.
import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const METADATA = Buffer.from("\xab\xcd\xefMaxMind.com", "latin1");

// Data section: control byte (type in the upper three bits, size in the lower five), then bytes.
const text = (value) => Buffer.concat([Buffer.from([(2 << 5) | value.length]), Buffer.from(value)]);
const map = (object) =>
    Buffer.concat([
        Buffer.from([(7 << 5) | Object.keys(object).length]),
        ...Object.entries(object).flatMap(([key, value]) => [text(key), value]),
    ]);
function number(type, value, size) {
    const bytes = Buffer.alloc(size);
    bytes.writeUIntBE(value, 0, Math.min(size, 6));
    // Types above seven are written as zero with the rest in a second byte.
    return Buffer.concat([type > 7 ? Buffer.from([size, type - 7]) : Buffer.from([(type << 5) | size]), bytes]);
}
const UINT16 = 5, UINT32 = 6, UINT64 = 9;

// The 128 bits of an address; IPv4 lies below ::/96.
function bitsOf(address) {
    if (address.includes("."))
        return "0".repeat(96) + address.split(".").map((part) => Number(part).toString(2).padStart(8, "0")).join("");
    const [head, tail = ""] = address.split("::");
    const left = head ? head.split(":") : [], right = tail ? tail.split(":") : [];
    const groups = address.includes("::")
        ? [...left, ...Array(8 - left.length - right.length).fill("0"), ...right] : left;
    return groups.map((group) => parseInt(group, 16).toString(2).padStart(16, "0")).join("");
}

export function writeCountries(file, countries) {
    const nodes = [[null, null]], data = [], offsets = new Map();
    let size = 0;
    for (const [network, code] of Object.entries(countries)) {
        const [address, prefix] = network.split("/");
        const length = Number(prefix) + (address.includes(".") ? 96 : 0), bits = bitsOf(address);
        if (!offsets.has(code)) {
            const entry = map({ country_code: text(code) });
            offsets.set(code, size);
            data.push(entry);
            size += entry.length;
        }
        let node = 0;
        for (let depth = 0; depth < length; depth++) {
            const side = Number(bits[depth]);
            if (depth === length - 1) {
                nodes[node][side] = { data: offsets.get(code) };
                break;
            }
            if (typeof nodes[node][side] !== "number") {
                nodes.push([nodes[node][side], nodes[node][side]]);
                nodes[node][side] = nodes.length - 1;
            }
            node = nodes[node][side];
        }
    }
    const tree = Buffer.alloc(nodes.length * 8);
    nodes.forEach((sides, index) =>
        sides.forEach((to, side) =>
            tree.writeUInt32BE(to === null ? nodes.length : typeof to === "number" ? to : nodes.length + 16 + to.data,
                index * 8 + side * 4)));
    writeFileSync(file, Buffer.concat([tree, Buffer.alloc(16), ...data, METADATA, map({
        node_count: number(UINT32, nodes.length, 4),
        record_size: number(UINT16, 32, 2),
        ip_version: number(UINT16, 6, 2),
        database_type: text("Latchkey-Test"),
        languages: Buffer.from([0, 4]),
        binary_format_major_version: number(UINT16, 2, 2),
        binary_format_minor_version: number(UINT16, 0, 2),
        build_epoch: number(UINT64, 1, 6),
        description: map({}),
    })]));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href)
    writeCountries(process.argv[2], Object.fromEntries(process.argv.slice(3).map((word) => word.split("="))));
