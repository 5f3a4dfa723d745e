// Whole sessions through `lineshaft serve` from beyond its kernel's own sockets.
#include <gtest/gtest.h>

#include "lineshaft/ops/catalogue.h"
#include "server/served.h"
#include "support/expected_error.h"

namespace lineshaft::tests {
namespace {

constexpr int64_t kSide = 700;  // 1.9 MB each: more than one frame takes

std::vector<float> numbers(uint32_t state) {
  std::vector<float> values(kSide * kSide);
  for (float& value : values)
    value = static_cast<float>((state = state * 1664525u + 1013904223u) >> 8) / 16777216.0f - 0.5f;
  return values;
}

std::vector<float> product_on(Stream& stream) {
  constexpr int64_t kBytes = kSide * kSide * static_cast<int64_t>(sizeof(float));
  TensorView views[3];
  for (TensorView& view : views) {
    view = contiguous_view(stream.create(kBytes), DType::kF32, {kSide, kSide});
    stream.write(view.buffer, 0, numbers(static_cast<uint32_t>(&view - views)).data(), kBytes);
  }
  stream.record(Matmul{.a = views[0], .b = views[1], .output = views[2]});
  std::vector<float> result(kSide * kSide);
  stream.read(views[2].buffer, 0, result.data(), kBytes);
  for (const TensorView& view : views) stream.release(view.buffer);
  return result;
}

class Network : public testing::Test {
 protected:
  std::string guest(const std::string& name) {
    return write_tls_folder(folder_, name, TlsRole::kGuest, authority_,
                            make_guest_certificate(authority_, name, valid_for(1)));
  }
  static void expect_same_product(const std::string& address) {
    auto local = open_device("cpu:0", StreamOptions{});
    auto remote = open_served(address);
    EXPECT_EQ(product_on(remote->stream()), product_on(local->stream()));
  }

  TemporaryFolder folder_;
  Credential authority_ = make_authority("tests", valid_for(1));
  std::string server_ = write_tls_folder(folder_, "server", TlsRole::kServer, authority_,
                                         make_server_certificate(authority_, {"127.0.0.1"}, valid_for(1)));
};

TEST_F(Network, AProductThroughTlsIsTheLocalOneBitForBit) {
  Served served(folder_, {"--tcp", "127.0.0.1:0", "--tls", server_});
  std::string alice = guest("alice");
  ScopedVariable tls("LINESHAFT_TLS", alice.c_str());
  expect_same_product(served.address("tcp"));
  EXPECT_TRUE(served.says("(cert:alice at 127.0.0.1:")) << served.log();
  EXPECT_EQ(served.stop(), 0);
}

TEST_F(Network, AProductThroughPlainTcpIsTheLocalOneBitForBit) {
  Served served(folder_, {"--tcp", "127.0.0.1:0", "--tls", "off"});
  ScopedVariable tls("LINESHAFT_TLS", "off");
  expect_same_product(served.address("tcp"));
}

TEST_F(Network, QuotasGoByTheCertificatesName) {
  Served served(folder_, {"--tcp", "127.0.0.1:0", "--tls", server_, "--sessions", "1", "--memory", "64M"});
  std::string alice = guest("alice"), bob = guest("bob"), address = served.address("tcp");
  ScopedVariable tls("LINESHAFT_TLS", alice.c_str());
  auto first = open_served(address);
  EXPECT_EQ(first->properties().memory, 64 << 20);
  expect_error("cert:alice has 1 sessions; its limit is 1", [&] { open_served(address); });
  EXPECT_TRUE(served.says("cert:alice has 1 sessions; its limit is 1")) << served.log();
  ScopedVariable other("LINESHAFT_TLS", bob.c_str());
  EXPECT_NO_THROW(open_served(address));
}

TEST_F(Network, AWrongCertificateIsOneLineOnBothSides) {
  Served served(folder_, {"--tcp", "127.0.0.1:0", "--tls", server_});
  Credential stranger = make_authority("tests", valid_for(1));
  std::string folder = write_tls_folder(folder_, "eve", TlsRole::kGuest, authority_,
                                        make_guest_certificate(stranger, "eve", valid_for(1)));
  ScopedVariable tls("LINESHAFT_TLS", folder.c_str());
  expect_error("another authority", [&] { open_served(served.address("tcp")); });
  EXPECT_TRUE(served.says("ends: the certificate \"eve\" is signed by another authority")) << served.log();
}

TEST_F(Network, AServerThatGoesIsALostDevice) {
  Served served(folder_, {"--tcp", "127.0.0.1:0", "--tls", server_});
  std::string alice = guest("alice");
  ScopedVariable tls("LINESHAFT_TLS", alice.c_str());
  auto remote = open_served(served.address("tcp"));
  product_on(remote->stream());
  EXPECT_EQ(served.stop(), 0);
  expect_error("the server shuts down", [&] { product_on(remote->stream()); });
}

TEST_F(Network, WithoutCertificatesAServerListensToItsOwnMachineOnly) {
  expect_error("lineshaft cert init", [&] { Served(folder_, {"--tcp", "0.0.0.0:0", "--tls", "off"}); });
}

}  // namespace
}  // namespace lineshaft::tests
