import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** A key, and a certificate for 127.0.0.1 that vouches for itself for a day; both PEM. */
export function selfSigned(): { readonly key: string; readonly cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ecdsaWithSha256 = sequence(der(0x06, '2a8648ce3d040302'));
  // commonName: test
  const name = sequence(der(0x31, sequence(der(0x06, '550403'), der(0x0c, Buffer.from('test')))));
  const day = 86_400_000;
  const certified = sequence(
    der(0xa0, der(0x02, '02')),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsaWithSha256,
    name,
    sequence(utcTime(Date.now() - day), utcTime(Date.now() + day)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    // subjectAltName: the address; basicConstraints: may vouch for itself.
    der(
      0xa3,
      sequence(extension('551d11', sequence(der(0x87, '7f000001'))), extension('551d13', sequence(der(0x01, 'ff')))),
    ),
  );
  const signature = Buffer.concat([Buffer.of(0), sign('sha256', certified, privateKey)]);
  const whole = sequence(certified, ecdsaWithSha256, der(0x03, signature));
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${whole.toString('base64').replace(/(.{64})/g, '$1\n')}\n-----END CERTIFICATE-----\n`,
  };
}

/** One value of X.690: its tag, its length, and what is in it (hexadecimal as text). */
function der(tag: number, content: Buffer | string): Buffer {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'hex') : content;
  const length =
    bytes.length < 0x80 ? Buffer.of(bytes.length) : Buffer.of(0x82, bytes.length >> 8, bytes.length & 0xff);
  return Buffer.concat([Buffer.of(tag), length, bytes]);
}

function sequence(...parts: Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function extension(identifier: string, value: Buffer): Buffer {
  return sequence(der(0x06, identifier), der(0x04, value));
}

function utcTime(instant: number): Buffer {
  const digits = new Date(instant).toISOString().replace(/[-:T]|\.\d{3}/g, '');
  return der(0x17, Buffer.from(digits.slice(2)));
}
