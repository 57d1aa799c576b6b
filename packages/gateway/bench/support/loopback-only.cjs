// Preloaded into programs that would listen on every interface: whatever they ask for, they get loopback.
const { Server } = require("node:net");

const { listen } = Server.prototype;

Server.prototype.listen = function (...args) {
  const callback = args.find((arg) => typeof arg === "function");
  const [first] = args;
  const port = typeof first === "object" && first !== null ? first.port : first;
  return listen.call(this, { port: Number(port ?? 0), host: "127.0.0.1" }, callback);
};
