// Creates keys and certificates for TLS: one certificate authority signs the certificates of servers and of guests.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/command_export.h"

namespace lineshaft {

struct Credential {
  std::string certificate, key;  // PEM
};

struct Validity {
  std::chrono::system_clock::time_point from, until;
};
// Begins an hour ago, because clocks differ, and lasts `days`.
LINESHAFT_COMMAND_EXPORT Validity valid_for(int64_t days);

LINESHAFT_COMMAND_EXPORT Credential make_authority(const std::string& name, const Validity& validity);
// For these host names and addresses, at least one. Throws Error(kInvalidArgument) for a text that is neither.
LINESHAFT_COMMAND_EXPORT Credential make_server_certificate(const Credential& authority,
                                                            const std::vector<std::string>& hosts,
                                                            const Validity& validity);
// The server knows the guest as "cert:NAME". Throws Error(kInvalidArgument) for a name that is not 1 to 64 letters,
// digits, dots (not first), dashes, underscores and at signs.
LINESHAFT_COMMAND_EXPORT Credential make_guest_certificate(const Credential& authority, const std::string& name,
                                                           const Validity& validity);

}  // namespace lineshaft
