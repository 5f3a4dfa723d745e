// lineshaft worker: one guest's session. `lineshaft serve` starts it, with its control socket as descriptor 3.
#include "server/worker.h"

#include "cli/command.h"

namespace lineshaft::cli {

Command worker_command() {
  return {.name = "worker",
          .summary = "Serve one guest; started by `lineshaft serve`",
          .positional = "",
          .options = {},
          .examples = "  lineshaft serve   # starts a worker for each guest\n",
          .run = [](const Arguments&) { return run_worker(Descriptor(3)); },
          .hidden = true};
}

}  // namespace lineshaft::cli
