// Connections over TLS 1.3 in which both sides present a certificate of the same authority.
#pragma once

#include "transport/stream_socket.h"
#include "transport/tls_files.h"

namespace lineshaft {

// The guest's end. The server's certificate must be for `host`; `server` is the server's name in errors. Throws
// Error(kDeviceLost) where the server does not answer, refuses, or has a wrong certificate.
std::unique_ptr<Connection> connect_tls(StreamSocket socket, const TlsFiles& files, const std::string& host,
                                        const std::string& server, Deadline deadline);
// The server's end. Its identity() is "cert:" and the common name of the guest's certificate. Throws Error(kProtocol)
// where the guest is not accepted; the guest gets the reason.
std::unique_ptr<Connection> adopt_tls(StreamSocket socket, const TlsFiles& files, Deadline deadline);

}  // namespace lineshaft
