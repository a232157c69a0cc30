using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:8787", http = (), service = "main")]
);

const worker :Workerd.Worker = (
  modules = [
    (name = "worker", esModule = embed "worker.mjs"),
    (name = "classifier.wasm.mjs", esModule = embed "classifier.wasm.mjs"),
    (name = "classifier.wasm", wasm = embed "classifier.wasm"),
  ],
  compatibilityDate = "2025-09-01"
);
