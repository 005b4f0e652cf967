#include "net/tls_faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

namespace sidetone::net {
namespace {

// Bound: what a stranger's certificate says of itself gets no more room than this in our log.
constexpr std::size_t name_bytes_max = 200;
constexpr int found_names_max = 8;

std::string name_text(const X509_NAME* name) {
  const openssl::Bio bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio.get(), &data);
  std::string text(data, std::min(static_cast<std::size_t>(size), name_bytes_max));
  return text.empty() ? "(no name)" : text;
}

std::string serial_text(const X509& certificate) {
  const ASN1_INTEGER* serial = X509_get0_serialNumber(&certificate);
  std::string text;
  for (int i = 0; i < std::min(ASN1_STRING_length(serial), 20); ++i)  // RFC 5280 §4.1.2.2: at most 20 bytes
    text += fmt::format("{:02X}", ASN1_STRING_get0_data(serial)[i]);
  return text;
}

Error refused(std::string text, std::string remedy) {
  return {Fault::refused, Layer::net, std::move(text), std::move(remedy)};
}

std::string issuer_of(const X509& certificate) { return name_text(X509_get_issuer_name(&certificate)); }

std::string key_text(const X509& certificate) {
  const EVP_PKEY* key = X509_get0_pubkey(&certificate);
  return key == nullptr
             ? "key"
             : fmt::format("{} key of {} bits", EVP_PKEY_get0_type_name(key), EVP_PKEY_get_bits(key));
}

// What the peer tells us in an alert about the certificate that we showed.
Error our_certificate_refused(const HandshakeFacts& facts, std::string_view why) {
  if (!facts.has_certificate)
    return refused(fmt::format("the server demands a client certificate, and none is configured ({})", why),
                   "name one in system.security.certificate");
  return refused(fmt::format("the {} does not accept our certificate from {}: {}",
                             facts.is_client ? "server" : "client", facts.certificate_file, why),
                 facts.is_client ? "have it renewed, or its issuer trusted by the server"
                                 : "let the client trust the issuer of our certificate");
}

}  // namespace

std::string describe_certificate(const X509& certificate) {
  return fmt::format("certificate \"{}\" (issuer \"{}\", serial {})",
                     name_text(X509_get_subject_name(&certificate)), issuer_of(certificate),
                     serial_text(certificate));
}

std::string time_text(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return "an unreadable date";
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

Error certificate_fault(int code, const X509& certificate, std::string_view whose) {
  const std::string which = fmt::format("the {}'s {}", whose, describe_certificate(certificate));
  switch (code) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return refused(
          fmt::format("{} has expired on {}", which, time_text(X509_get0_notAfter(&certificate))),
          fmt::format("renew it on the {}; if the date is wrong, set this computer's clock", whose));
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return refused(
          fmt::format("{} is not valid before {}", which, time_text(X509_get0_notBefore(&certificate))),
          fmt::format("set this computer's clock, or the {}'s validity", whose));
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return refused(
          fmt::format("{} is self-signed and not among the trusted ones", which),
          "if it is the right one, add it to the CA file; else give the server one of an authority");
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return refused(fmt::format("the authority at the end of the {}'s chain is not trusted: {}", whose,
                                 describe_certificate(certificate)),
                     "add this authority's certificate to the CA file");
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return refused(
          fmt::format("the issuer \"{}\" of {} is not known here", issuer_of(certificate), which),
          fmt::format("add the issuer's certificate to the CA file, or let the {} send its intermediate ones",
                      whose));
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
      return refused(fmt::format("{} has a weak key: {}", which, key_text(certificate)),
                     "have it made anew with RSA of 2048 bits or more, or an elliptic curve");
    case X509_V_ERR_CA_MD_TOO_WEAK:
      return refused(fmt::format("{} is signed with a weak hash", which),
                     "have it made anew with SHA-256 or better");
    case X509_V_ERR_INVALID_PURPOSE:
      return refused(fmt::format("{} is not meant for a TLS {} (extendedKeyUsage)", which, whose),
                     fmt::format("have it made anew with extendedKeyUsage {}Auth", whose));
    default:
      return refused(fmt::format("{}: {}", which, X509_verify_cert_error_string(code)),
                     fmt::format("correct the {}'s certificate", whose));
  }
}

Error name_fault(const X509& certificate, const CertificateNames& names, std::string_view wanted) {
  std::string found;
  int count = 0;
  for (const auto& name : names.found) {
    if (++count > found_names_max) {
      found += fmt::format(" and {} more", names.found.size() - found_names_max);
      break;
    }
    found += fmt::format("{}{}", found.empty() ? "" : ", ", name.substr(0, name_bytes_max));
  }
  return refused(fmt::format("the server's {} is for another name: expected {}, found {}",
                             describe_certificate(certificate), wanted, found.empty() ? "none" : found),
                 found.find('*') == std::string::npos
                     ? "write the server's name as the certificate has it, or have this name added to it"
                     : "have this very name added to it: SIP knows no wildcards (RFC 5922 section 7.2)");
}

std::string last_openssl_error() {
  const auto code = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = ERR_reason_error_string(code);
  return reason == nullptr ? "unknown error" : reason;
}

Error handshake_fault(const HandshakeFacts& facts) {
  const int reason = ERR_GET_REASON(ERR_peek_last_error());
  const std::string words = last_openssl_error();
  const std::string_view peer = facts.is_client ? "server" : "client";
  switch (reason) {
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
    case SSL_R_RECORD_LENGTH_MISMATCH:
    case SSL_R_UNEXPECTED_MESSAGE:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
    case SSL_R_RECORD_TOO_SMALL:
      return refused(fmt::format("the {} does not speak TLS there: {}", peer, words),
                     "use the port for TLS (5061 when nothing else was agreed), or protocol=tcp");
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
      return refused(
          fmt::format("no common protocol version with the {}; TLS 1.2 and 1.3 are spoken here", peer),
          fmt::format("let the {} speak TLS 1.2 or 1.3", peer));
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
    case SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS:
      return refused(fmt::format("no common cipher with the {}: {}", peer, words),
                     fmt::format("let the {} speak current ciphers (ECDHE with AES-GCM or ChaCha20)", peer));
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return refused("the client shows no certificate, and one is demanded", "give the client a certificate");
    case SSL_R_DH_KEY_TOO_SMALL:
    case SSL_R_EE_KEY_TOO_SMALL:
      return refused(fmt::format("the {} uses a weak key: {}", peer, words),
                     fmt::format("let the {} use keys of 2048 bits or more", peer));
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED: return our_certificate_refused(facts, words);
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:  // TLS 1.2 has no better word for either
      if (facts.asked_for_certificate) return our_certificate_refused(facts, words);
      return refused(fmt::format("the {} found no common cipher: {}", peer, words),
                     fmt::format("let the {} speak current ciphers (ECDHE with AES-GCM or ChaCha20)", peer));
    default: return refused(fmt::format("TLS with the {} failed: {}", peer, words), {});
  }
}

Error handshake_cut(const HandshakeFacts& facts, std::string_view why) {
  if (facts.asked_for_certificate && !facts.has_certificate) return our_certificate_refused(facts, why);
  return refused(fmt::format("the TLS handshake with the {} was cut short: {}",
                             facts.is_client ? "server" : "client", why),
                 facts.is_client ? "see that the server speaks TLS at this port" : "");
}

}  // namespace sidetone::net
