// Certificates made at test time, in a private folder.
#pragma once

#include <filesystem>
#include <string>

#include "net/openssl.h"

namespace sidetone::net::test {

struct Leaf {
  std::string cn = "sip.example";
  std::string san = "DNS:sip.example";  // as openssl.cnf writes it; empty: no subjectAltName
  long from_s = -3600, to_s = 86400;    // from now
  std::string usage = {};               // extendedKeyUsage
  bool is_self_signed = false;
  int rsa_bits = 0;  // 0: P-256
};

class TestFolder {
 public:
  TestFolder();
  ~TestFolder();
  [[nodiscard]] std::string write(const std::string& name, const std::string& text) const;
  [[nodiscard]] std::string path(const std::string& name) const { return folder_ / name; }

 private:
  std::filesystem::path folder_;
};

class TestAuthority {
 public:
  explicit TestAuthority(const std::string& cn);
  [[nodiscard]] std::string pem() const;  // its own certificate
  // Certificate and key, both PEM.
  struct Issued {
    std::string certificate, key;
    [[nodiscard]] std::string both() const { return certificate + key; }
  };
  [[nodiscard]] Issued issue(const Leaf& leaf) const;

 private:
  openssl::Key key_;
  openssl::Certificate certificate_;
};

// Encrypts a key's PEM.
[[nodiscard]] std::string with_passphrase(const std::string& key_pem, const std::string& passphrase);
[[nodiscard]] openssl::Certificate parse_certificate(const std::string& pem);

}  // namespace sidetone::net::test
