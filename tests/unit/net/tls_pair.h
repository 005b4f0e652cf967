// A TLS client and a TLS server on one io_context, over loopback, with certificates made for the test.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "net/tls_profile.h"
#include "run_until.h"
#include "test_certificates.h"

namespace sidetone::net::test {

struct TlsEnd {
  std::unique_ptr<StreamConnection> connection;
  bool opened = false;
  std::string received;
  std::vector<std::string> closed;

  StreamConnection::Handlers handlers() {
    return {[this](const Address&, const Address&) { opened = true; },
            [this](std::string_view bytes) { received += bytes; },
            [this](std::string why) { closed.push_back(std::move(why)); }};
  }
};

inline std::shared_ptr<const std::string> shared(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

class TlsPair {
 public:
  TlsPair() {
    server_settings.system_trust = client_settings.system_trust = false;  // no test asks the machine's store
    client_settings.ca_file = folder.write("ca.pem", authority.pem());
    server_settings.ca_file = client_settings.ca_file;
    server_settings.certificate_file = folder.write("server.pem", authority.issue({}).both());
  }
  ~TlsPair() {
    client.connection.reset();
    server.connection.reset();
    listener.reset();
  }

  Expected<void> listen() {
    server_profile.emplace(io, server_settings);
    auto made = server_profile->listen(
        any_port("127.0.0.1"),
        [this](std::unique_ptr<StreamConnection> connection) {
          server.connection = std::move(connection);
          server.connection->set_handlers(server.handlers());
          ++accepted;
        },
        [this](const Address&, const Error& why) { refused.push_back(why.text); });
    if (!made) return tl::make_unexpected(made.error());
    listener = std::move(*made);
    return {};
  }
  void connect(const std::string& name = "sip.example", std::optional<IpAddress> from = {}) {
    if (!client_profile) client_profile.emplace(io, client_settings);
    client.connection = client_profile->connect(listener->local(), name, 0, 0, client.handlers(), 0, from);
  }
  bool until(const std::function<bool()>& done) { return run_until(io, done); }
  bool open() {
    EXPECT_TRUE(listen());
    connect();
    return until([&] { return client.opened && accepted == 1; });
  }

  boost::asio::io_context io{1};
  TestFolder folder;
  TestAuthority authority{"Test CA"};
  TlsSettings client_settings, server_settings;
  std::optional<TlsProfile> client_profile, server_profile;
  std::unique_ptr<StreamListener> listener;
  TlsEnd client, server;
  int accepted = 0;
  std::vector<std::string> refused;
};

}  // namespace sidetone::net::test
