// A real SMPP server (npm smpp) for the tests: says what it got as JSON lines, and sends the replies that it is told on standard input.
import { createInterface } from "node:readline";
import { createRequire } from "node:module";
const smpp = createRequire(new URL("../frontend/package.json", import.meta.url))("smpp");

const say = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);
const sessions = new Set();
let number = 0;
let throttled = new Set();
smpp
  .createServer({}, (session) => {
    session.on("error", () => {});
    session.on("close", () => sessions.delete(session));
    session.on("bind_transceiver", (pdu) => {
      const good = pdu.system_id === "esme1" && pdu.password === "secret-longer-than-8";
      session.send(pdu.response({ system_id: "SMSC", command_status: good ? 0 : smpp.ESME_RBINDFAIL }));
      if (good) sessions.add(session);
      say({ event: "bind", good });
    });
    session.on("enquire_link", (pdu) => session.send(pdu.response()));
    session.on("unbind", (pdu) => session.send(pdu.response()));
    session.on("submit_sm", (pdu) => {
      const to = pdu.destination_addr;
      if (to.endsWith("99") && !throttled.has(to)) {
        throttled.add(to);
        return session.send(pdu.response({ command_status: smpp.ESME_RTHROTTLED }));
      }
      const id = `M${++number}`;
      const udh = pdu.short_message.udh;
      say({ event: "submit", id, to, from: pdu.source_addr, text: pdu.short_message.message, part: udh ? [...udh[0]].slice(-3) : null });
      const receipt = () =>
        session.deliver_sm(
          {
            esm_class: 4,
            source_addr: to,
            destination_addr: pdu.source_addr,
            receipted_message_id: id,
            short_message: `id:${id} sub:001 dlvrd:001 submit date:2611240900 done date:2611240900 stat:DELIVRD err:MK1 text:`,
          },
          (answer) => say({ event: "receipt", id, status: answer.command_status }),
        );
      if (to.endsWith("88")) receipt(); // before the answer, as some do
      session.send(pdu.response({ message_id: id }));
      if (!to.endsWith("88")) {
        receipt();
        receipt(); // and twice, as some do
      }
      return undefined;
    });
  })
  .listen(Number(process.argv[2]), () => say({ event: "listening" }));
createInterface({ input: process.stdin }).on("line", (line) => {
  const asked = JSON.parse(line);
  const [session] = sessions;
  if (asked.drop) return session.destroy();
  const parts = asked.parts || [asked.text];
  parts.forEach((text, place) => {
    const which = asked.order ? asked.order[place] : place + 1;
    const message = asked.parts ? { udh: Buffer.from([5, 0, 3, 42, parts.length, which]), message: parts[which - 1] } : text;
    session.deliver_sm({ source_addr: asked.from, destination_addr: asked.to, data_coding: 8, short_message: message }, (answer) =>
      say({ event: "reply", status: answer.command_status }),
    );
  });
  return undefined;
});
