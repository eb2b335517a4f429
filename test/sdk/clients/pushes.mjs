// What the server pushes to a device with the JavaScript SDK, in its order, before the SDK has made anything of it.

const PUSH = 2001;
const CHAT = 1, NOTIFICATION = 2;

/**
 * @param {ArrayBuffer} frame
 * @returns {{ isNotification: boolean, conversationID: string, groupID: string, clientMsgID: string, contentType: number, seq: number }[]} Nothing for other frames.
 */
export function readPush(frame) {
  const { reqIdentifier, data } = JSON.parse(Buffer.from(frame).toString());
  if (reqIdentifier !== PUSH) return [];
  const push = fieldsOf(Buffer.from(data, 'base64'));
  return [CHAT, NOTIFICATION].flatMap(kind => (push.get(kind) ?? []).flatMap(entry => {
    const [[conversationID], [pulled]] = [1, 2].map(number => fieldsOf(entry).get(number));
    return (fieldsOf(pulled).get(1) ?? []).map(bytes => {
      const message = fieldsOf(bytes);
      const text = number => message.get(number)?.[0].toString() ?? '';
      return {
        isNotification: kind === NOTIFICATION, conversationID: conversationID.toString(),
        groupID: text(3), clientMsgID: text(4), contentType: message.get(11)?.[0] ?? 0, seq: message.get(14)?.[0] ?? 0,
      };
    });
  }));
}

/** Just enough protobuf: the numbers and bytes under each field number. */
function fieldsOf(bytes) {
  const fields = new Map();
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++];
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const [number, wire] = [tag >>> 3, tag & 7];
    if (wire !== 0 && wire !== 2) throw new Error(`field ${number} of a push has the wire type ${wire}`);
    let value = varint();
    if (wire === 2) value = bytes.subarray(at, at += value);
    fields.set(number, [...(fields.get(number) ?? []), value]);
  }
  return fields;
}
