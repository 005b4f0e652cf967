#include "net/self_signed_certificate.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <unistd.h>

#include <cerrno>

#include "base/address.h"
#include "net/openssl.h"
#include "net/socket.h"
#include "net/tls_faults.h"

namespace sidetone::net {
namespace {

constexpr long hour_s = 3600;

bool add_extension(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, openssl::Freer<X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

std::string alternative_names(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names)
    text += fmt::format("{}{}:{}", text.empty() ? "" : ",", IpAddress::parse(name) ? "IP" : "DNS", name);
  return text;
}

void set_serial(X509* certificate) {
  std::uint64_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1);  // RFC 5280 §4.1.2.2: positive
}

openssl::Certificate make(EVP_PKEY* key, const SelfSigned& what) {
  openssl::Certificate certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  set_serial(certificate.get());
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -hour_s);  // clocks differ
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), what.days * 24 * hour_s);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(what.names.front().c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), subject);
  const bool made = add_extension(certificate.get(), NID_basic_constraints, "critical,CA:FALSE") &&
                    add_extension(certificate.get(), NID_subject_alt_name, alternative_names(what.names)) &&
                    add_extension(certificate.get(), NID_ext_key_usage, "serverAuth,clientAuth") &&
                    X509_sign(certificate.get(), key, EVP_sha256()) != 0;
  return made ? std::move(certificate) : nullptr;
}

}  // namespace

Expected<void> write_self_signed(const std::string& path, const SelfSigned& what) {
  const openssl::Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  const auto certificate = key && !what.names.empty() ? make(key.get(), what) : nullptr;
  if (!certificate)
    return fail(Layer::net, Fault::range,
                fmt::format("no certificate could be made for {}: {}", fmt::join(what.names, ", "),
                            last_openssl_error()),
                "use plain DNS names and IP addresses");
  // Made anew, so that a file that others may read does not become the key's.
  ::unlink(path.c_str());
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  const openssl::Bio bio(file ? BIO_new_fd(file.get(), BIO_NOCLOSE) : nullptr);
  if (!bio || PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1 ||
      PEM_write_bio_X509(bio.get(), certificate.get()) != 1)
    return fail(Layer::net, Fault::io, fmt::format("{} cannot be written: {}", path, error_text(errno)),
                "name a folder that you may write to");
  return {};
}

}  // namespace sidetone::net
