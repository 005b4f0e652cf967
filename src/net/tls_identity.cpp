#include "net/tls_identity.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>

#include <openssl/pem.h>

#include "net/socket.h"
#include "net/tls_faults.h"

namespace sidetone::net {
namespace {

constexpr std::size_t pem_bytes_max = 1 << 20;  // the largest bundles of authorities have 250 kB
constexpr std::size_t issuers_max = 16;
constexpr std::string_view certificate_begins = "-----BEGIN CERTIFICATE-----";

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// The line of the n-th certificate, for people who look into the file.
std::ptrdiff_t line_of_certificate(std::string_view pem, std::size_t index) {
  std::size_t at = 0;
  for (std::size_t i = 0;; ++i) {
    at = pem.find(certificate_begins, at);
    if (at == std::string_view::npos) return 1;
    if (i == index) return 1 + std::count(pem.begin(), pem.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    at += certificate_begins.size();
  }
}

openssl::Bio reader(std::string_view text) {
  return openssl::Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Expected<void> read_certificates(const std::string& path, TlsIdentity& identity) {
  const auto pem = read_pem(path, "certificate");
  if (!pem) return tl::make_unexpected(pem.error());
  const auto bio = reader(*pem);
  for (std::size_t i = 0; i <= issuers_max; ++i) {
    openssl::Certificate next(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (!next) {
      const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
      const auto why = last_openssl_error();
      if (at_end && i > 0) return {};
      if (at_end)
        return fail(Layer::net, Fault::syntax, fmt::format("there is no certificate in {}", path),
                    "it must be a PEM file with a line '-----BEGIN CERTIFICATE-----'");
      return fail(Layer::net, Fault::syntax,
                  fmt::format("{} line {}: the certificate that begins there cannot be read: {}", path,
                              line_of_certificate(*pem, i), why),
                  "copy the file once more");
    }
    if (i == 0)
      identity.certificate = std::move(next);
    else
      identity.issuers.push_back(std::move(next));
  }
  return {};
}

struct Passphrase {
  const std::string& value;
  bool asked = false;
};

int give_passphrase(char* buffer, int size, int, void* user) {
  auto& passphrase = *static_cast<Passphrase*>(user);
  passphrase.asked = true;
  const auto length = std::min(passphrase.value.size(), static_cast<std::size_t>(size));
  std::copy_n(passphrase.value.data(), length, buffer);
  return length == 0 ? -1 : static_cast<int>(length);
}

Expected<void> read_key(const std::string& path, const TlsSettings& settings, TlsIdentity& identity) {
  auto pem = read_pem(path, "private key");
  if (!pem) return tl::make_unexpected(pem.error());
  const Secret<std::string> text(std::move(*pem));
  Passphrase passphrase{settings.key_passphrase.reveal()};
  identity.key.reset(
      PEM_read_bio_PrivateKey(reader(text.reveal()).get(), nullptr, give_passphrase, &passphrase));
  if (identity.key) return {};
  const auto why = last_openssl_error();
  if (passphrase.asked)
    return fail(Layer::net, Fault::refused,
                fmt::format("the private key in {} is encrypted, and {}", path,
                            settings.key_passphrase.empty() ? "no passphrase is set"
                                                            : "the passphrase does not open it"),
                "set the right passphrase, or take it off with 'openssl pkey'");
  if (text.reveal().find("PRIVATE KEY-----") == std::string::npos)
    return fail(Layer::net, Fault::syntax, fmt::format("there is no private key in {}", path),
                "add the key to the certificate's file (PEM), or name its own file");
  return fail(Layer::net, Fault::syntax, fmt::format("the private key in {} cannot be read: {}", path, why),
              "copy the file once more");
}

void warn_of_dates(const std::string& path, TlsIdentity& identity) {
  const X509* certificate = identity.certificate.get();
  if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0)
    identity.warnings.push_back(
        {Fault::refused, Layer::net,
         fmt::format("our {} from {} has expired on {}", describe_certificate(*certificate), path,
                     time_text(X509_get0_notAfter(certificate))),
         "renew it: peers will refuse it"});
}

}  // namespace

Expected<std::string> read_pem(const std::string& path, std::string_view what) {
  const std::unique_ptr<std::FILE, FileCloser> file(std::fopen(path.c_str(), "rbe"));
  std::string text;
  if (file) {
    char buffer[4096];
    std::size_t count = 0;
    while (text.size() <= pem_bytes_max && (count = std::fread(buffer, 1, sizeof buffer, file.get())) > 0)
      text.append(buffer, count);
    OPENSSL_cleanse(buffer, sizeof buffer);
  }
  if (!file || std::ferror(file.get()) != 0)
    return fail(Layer::net, errno == ENOENT ? Fault::not_found : Fault::io,
                fmt::format("the {} file {} cannot be read: {}", what, path, error_text(errno)),
                "correct its name or its permissions");
  if (text.size() > pem_bytes_max)
    return fail(Layer::net, Fault::limit, fmt::format("{} is no {}: it is larger than 1 MB", path, what),
                "name a PEM file");
  return text;
}

Expected<TlsIdentity> load_identity(const TlsSettings& settings) {
  TlsIdentity identity;
  if (auto read = read_certificates(settings.certificate_file, identity); !read)
    return tl::make_unexpected(read.error());
  const auto& key_file = settings.key_file.empty() ? settings.certificate_file : settings.key_file;
  if (auto read = read_key(key_file, settings, identity); !read) return tl::make_unexpected(read.error());
  if (X509_check_private_key(identity.certificate.get(), identity.key.get()) != 1) {
    ERR_clear_error();
    return fail(Layer::net, Fault::refused,
                fmt::format("the private key in {} does not belong to the {} in {}", key_file,
                            describe_certificate(*identity.certificate), settings.certificate_file),
                "use the key with which this certificate was requested");
  }
  warn_of_dates(settings.certificate_file, identity);
  return identity;
}

}  // namespace sidetone::net
