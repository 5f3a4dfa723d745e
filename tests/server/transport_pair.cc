#include "server/transport_pair.h"

#include <poll.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "lineshaft/base/error.h"

namespace lineshaft::tests {

std::string write_tls_folder(const TemporaryFolder& folder, const std::string& name, TlsRole role,
                             const Credential& authority, const Credential& own) {
  std::string path = folder.path(name), stem = path + (role == TlsRole::kServer ? "/server" : "/guest");
  std::filesystem::create_directories(path);
  std::ofstream(path + "/authority.pem") << authority.certificate;
  std::ofstream(stem + ".pem") << own.certificate;
  std::ofstream(stem + ".key") << own.key;
  std::filesystem::permissions(stem + ".key", std::filesystem::perms(0600));
  return path;
}

ListenOptions tls_options(const std::string& folder) {
  ListenOptions options;
  options.certificate = folder + "/server.pem";
  options.key = folder + "/server.key";
  options.authority = folder + "/authority.pem";
  return options;
}

AdoptOptions adopt_options(const ListenOptions& listen) {
  AdoptOptions options;
  options.certificate = listen.certificate;
  options.key = listen.key;
  options.authority = listen.authority;
  return options;
}

std::unique_ptr<Connection> admit(Listener& listener, Transport& transport, const AdoptOptions& options) {
  pollfd door{listener.descriptor(), POLLIN, 0};
  ::poll(&door, 1, 10'000);
  auto arrival = listener.accept();
  if (!arrival) fail(ErrorCode::kDeviceLost, "nobody is at the door");
  return transport.adopt(std::move(*arrival), options);
}

Pair connect_pair(Listener& listener, const AdoptOptions& options) {
  std::string address = listener.address();
  if (address.starts_with("vsock:any:")) address.replace(6, 3, "1");  // this machine's own CID
  Endpoint endpoint = parse_endpoint(address);
  auto guest = std::async(std::launch::async, [&] { return endpoint.transport->connect(endpoint.address); });
  Pair pair;
  try {
    pair.server = admit(listener, *endpoint.transport, options);
  } catch (const Error& error) {
    guest.wait();  // its own error is not the first
    throw;
  }
  pair.guest = guest.get();
  return pair;
}

}  // namespace lineshaft::tests
