#include "cli/network.h"

#include <algorithm>

#include "transport/tls_files.h"

namespace lineshaft::cli {

void add_network(const Arguments& arguments, ServeOptions& options) {
  for (const std::string& address : arguments.values("--tcp")) options.addresses.push_back("tcp://" + address);
  if (arguments.has("--vsock"))
    options.addresses.push_back("vsock:any:" + std::to_string(arguments.number("--vsock", 0, 0)));
  bool tcp = std::ranges::any_of(options.addresses, [](const auto& each) { return each.starts_with("tcp:"); });
  if (!tcp || (!arguments.has("--tls") && !options.listen.certificate.empty())) return;
  auto files = find_tls_files(TlsRole::kServer, arguments.value("--tls").value_or("")).value_or(TlsFiles{});
  options.listen.certificate = files.certificate;
  options.listen.key = files.key;
  options.listen.authority = files.authority;
}

}  // namespace lineshaft::cli
