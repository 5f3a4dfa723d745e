// Connections through TLS 1.3 in which both sides show a certificate of one authority.
#pragma once

#include "transport/stream_socket.h"
#include "transport/tls_files.h"

namespace lineshaft {

// The guest's end. `host` is what the server's certificate has to name; `server` names it in errors. Throws
// Error(kDeviceLost) where the server is silent, refuses, or is not the right one.
std::unique_ptr<Connection> connect_tls(StreamSocket socket, const TlsFiles& files, const std::string& host,
                                        const std::string& server, Deadline deadline);
// The server's end. Its identity() is "cert:" and the common name of the guest's certificate. Throws Error(kProtocol)
// where the guest may not come in; the guest is told.
std::unique_ptr<Connection> adopt_tls(StreamSocket socket, const TlsFiles& files, Deadline deadline);

}  // namespace lineshaft
