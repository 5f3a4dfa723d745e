// Two connected ends of a transport in one process, and the certificates that TLS takes.
#pragma once

#include <memory>
#include <string>

#include "support/scoped_variable.h"
#include "support/temporary_folder.h"
#include "transport/certificates.h"
#include "transport/tls_files.h"
#include "transport/transport.h"

namespace lineshaft::tests {

// Writes a server's or a guest's files to folder/`name` and returns that folder.
std::string write_tls_folder(const TemporaryFolder& folder, const std::string& name, TlsRole role,
                             const Credential& authority, const Credential& own);
// A listener's options for such a folder of a server.
ListenOptions tls_options(const std::string& folder);
AdoptOptions adopt_options(const ListenOptions& listen);

// Waits for a guest and lets it in. Throws what adopting throws; Error(kDeviceLost) where nobody comes within 10 s.
std::unique_ptr<Connection> admit(Listener& listener, Transport& transport, const AdoptOptions& options);

struct Pair {
  std::unique_ptr<Connection> guest, server;
};
// Connects to the listener's own address and adopts what arrives.
Pair connect_pair(Listener& listener, const AdoptOptions& options);

}  // namespace lineshaft::tests
