// Two processes behind one port, connections handed out in turn.
import cluster from "node:cluster";

export function inTwoProcesses(serve) {
  if (cluster.isPrimary) {
    for (let number = 0; number < 2; number += 1) cluster.fork();
    process.on("SIGTERM", () => process.exit(0));
    cluster.on("exit", () => process.exit(1));
  } else {
    process.on("disconnect", () => process.exit(0));
    serve().catch((failure) => {
      console.error(failure);
      process.exit(1);
    });
  }
}
