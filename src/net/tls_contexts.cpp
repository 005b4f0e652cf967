#include "net/tls_contexts.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "net/tls_faults.h"
#include "net/tls_identity.h"

namespace sidetone::net {
namespace {

constexpr int security_level = 2;  // 112 bits: RSA of 2048 bits, no SHA-1 signatures

TlsPeerCheck* check_of(const SSL* ssl) { return static_cast<TlsPeerCheck*>(SSL_get_app_data(ssl)); }

bool lists(const EXTENDED_KEY_USAGE& usages, int nid) {
  for (int i = 0; i < sk_ASN1_OBJECT_num(&usages); ++i)
    if (OBJ_obj2nid(sk_ASN1_OBJECT_value(&usages, i)) == nid) return true;
  return false;
}

bool lists_sip_domain(const EXTENDED_KEY_USAGE& usages) {
  for (int i = 0; i < sk_ASN1_OBJECT_num(&usages); ++i) {
    char oid[64];
    OBJ_obj2txt(oid, sizeof oid, sk_ASN1_OBJECT_value(&usages, i), 1);
    if (std::string_view(oid) == "1.3.6.1.5.5.7.3.20") return true;  // id-kp-sipDomain, RFC 5924 §4
  }
  return false;
}

// RFC 5922 §7.1 with RFC 5924: no extendedKeyUsage, or one that is for TLS on this side, for SIP domains, or
// for anything. OpenSSL's own check knows only the first two.
bool may_be(const X509& certificate, bool server) {
  const std::unique_ptr<EXTENDED_KEY_USAGE, openssl::Freer<EXTENDED_KEY_USAGE_free>> usages(
      static_cast<EXTENDED_KEY_USAGE*>(X509_get_ext_d2i(&certificate, NID_ext_key_usage, nullptr, nullptr)));
  if (!usages) return X509_get_ext_by_NID(&certificate, NID_ext_key_usage, -1) < 0;
  return lists(*usages, server ? NID_server_auth : NID_client_auth) ||
         lists(*usages, NID_anyExtendedKeyUsage) || lists_sip_domain(*usages);
}

// RFC 5922 §7.3, on top of what OpenSSL found (RFC 5280).
int judge_leaf(const X509& certificate, const TlsPeerCheck& check) {
  if (!may_be(certificate, check.is_client)) return X509_V_ERR_INVALID_PURPOSE;
  if (!check.is_client || !check.check_name || matches(names_of(certificate), check.wanted)) return X509_V_OK;
  return X509_V_ERR_HOSTNAME_MISMATCH;
}

Error fault_of(int code, const X509* certificate, const TlsPeerCheck& check) {
  if (certificate == nullptr) return {Fault::refused, Layer::net, X509_verify_cert_error_string(code), {}};
  if (code == X509_V_ERR_HOSTNAME_MISMATCH)
    return name_fault(*certificate, names_of(*certificate), check.wanted);
  return certificate_fault(code, *certificate, check.is_client ? "server" : "client");
}

// Called for each certificate of the chain that is good, and for each fault.
int verify(int ok, X509_STORE_CTX* store) {
  const auto* ssl =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto& check = *check_of(ssl);
  const X509* certificate = X509_STORE_CTX_get_current_cert(store);
  int code = ok == 1 ? X509_V_OK : X509_STORE_CTX_get_error(store);
  if (ok == 1 && X509_STORE_CTX_get_error_depth(store) == 0) code = judge_leaf(*certificate, check);
  if (code == X509_V_OK) return 1;
  X509_STORE_CTX_set_error(store, code);                               // chooses the alert
  if (!check.fault) check.fault = fault_of(code, certificate, check);  // the first one is the cause
  return check.refuse_unverified ? 0 : 1;
}

int keep_session(SSL* ssl, SSL_SESSION* session) {
  auto* check = check_of(ssl);
  if (check == nullptr || check->sessions == nullptr || SSL_SESSION_is_resumable(session) == 0) return 0;
  check->sessions->add(check->wanted, openssl::Session(session));
  return 1;  // it is ours now
}

int note_request(SSL* ssl, void*) {
  if (auto* check = check_of(ssl)) check->asked_for_certificate = true;
  return 1;  // go on with what the context has
}

openssl::Context new_context(const SSL_METHOD* method) {
  openssl::Context context(SSL_CTX_new(method));
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);  // RFC 8996
  SSL_CTX_set_security_level(context.get(), security_level);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  // An idle connection keeps no record buffers; we show what is in the certificate's file, no guess from the
  // trust store.
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN);
  X509_VERIFY_PARAM_set_purpose(SSL_CTX_get0_param(context.get()), X509_PURPOSE_ANY);  // may_be() decides
  return context;
}

Expected<void> add_trust(SSL_CTX* context, const TlsSettings& settings) {
  // Debian's default is a folder that is looked into when an issuer is asked for.
  if (settings.system_trust) SSL_CTX_set_default_verify_paths(context);
  if (!settings.ca_file.empty()) {
    if (auto readable = read_pem(settings.ca_file, "CA"); !readable)
      return tl::make_unexpected(readable.error());
    if (SSL_CTX_load_verify_file(context, settings.ca_file.c_str()) != 1)
      return fail(Layer::net, Fault::syntax,
                  fmt::format("the CA file {} cannot be used: {}", settings.ca_file, last_openssl_error()),
                  "it must be PEM with at least one certificate");
  }
  if (!settings.ca_dir.empty()) {
    std::error_code ignored;
    if (!std::filesystem::is_directory(settings.ca_dir, ignored))
      return fail(Layer::net, Fault::not_found, fmt::format("the CA folder {} is not there", settings.ca_dir),
                  "correct its name");
    SSL_CTX_load_verify_dir(context, settings.ca_dir.c_str());
  }
  ERR_clear_error();
  return {};
}

Expected<void> add_identity(SSL_CTX* context, const TlsIdentity& identity, const TlsSettings& settings) {
  bool fits = SSL_CTX_use_certificate(context, identity.certificate.get()) == 1 &&
              SSL_CTX_use_PrivateKey(context, identity.key.get()) == 1;
  for (const auto& issuer : identity.issuers)
    fits = fits && SSL_CTX_add1_chain_cert(context, issuer.get()) == 1;
  if (fits) return {};
  return fail(Layer::net, Fault::refused,
              fmt::format("our {} in {} cannot be used: {}", describe_certificate(*identity.certificate),
                          settings.certificate_file, last_openssl_error()),
              "have it made anew with RSA of 2048 bits or more, or an elliptic curve");
}

Expected<openssl::Context> client_context(const TlsSettings& settings, const TlsIdentity* identity) {
  auto context = new_context(TLS_client_method());
  if (auto added = add_trust(context.get(), settings); !added) return tl::make_unexpected(added.error());
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, verify);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context.get(), keep_session);
  SSL_CTX_set_cert_cb(context.get(), note_request, nullptr);
  if (identity != nullptr)
    if (auto added = add_identity(context.get(), *identity, settings); !added)
      return tl::make_unexpected(added.error());
  return context;
}

Expected<openssl::Context> server_context(const TlsSettings& settings, const TlsIdentity& identity) {
  auto context = new_context(TLS_server_method());
  if (auto added = add_trust(context.get(), settings); !added) return tl::make_unexpected(added.error());
  if (auto added = add_identity(context.get(), identity, settings); !added)
    return tl::make_unexpected(added.error());
  const bool demand = settings.client_certificates == TlsClientCertificates::demand;
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | (demand ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), verify);
  // Clients resume by tickets, which they keep: no memory here.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context.get(), 1);
  constexpr unsigned char context_id[] = "sidetone";
  SSL_CTX_set_session_id_context(context.get(), context_id, sizeof context_id - 1);
  return context;
}

}  // namespace

Expected<TlsContexts> make_contexts(const TlsSettings& settings) {
  TlsContexts contexts;
  std::optional<TlsIdentity> identity;
  if (!settings.certificate_file.empty()) {
    auto loaded = load_identity(settings);
    if (!loaded) return tl::make_unexpected(loaded.error());
    identity = std::move(*loaded);
    contexts.warnings = std::move(identity->warnings);
    auto server = server_context(settings, *identity);
    if (!server) return tl::make_unexpected(server.error());
    contexts.server = std::move(*server);
  }
  auto client = client_context(settings, identity ? &*identity : nullptr);
  if (!client) return tl::make_unexpected(client.error());
  contexts.client = std::move(*client);
  return contexts;
}

void TlsSessions::add(const std::string& name, openssl::Session session) {
  if (sessions_.insert_or_assign(name, std::move(session)).second) order_.push_back(name);
  while (order_.size() > names_max) {
    sessions_.erase(order_.front());
    order_.pop_front();
  }
}

openssl::Session TlsSessions::take(const std::string& name) {
  const auto found = sessions_.find(name);
  if (found == sessions_.end() || !found->second) return {};
  if (SSL_SESSION_get_protocol_version(found->second.get()) >= TLS1_3_VERSION)
    return std::move(found->second);  // the place stays, for the next ticket
  SSL_SESSION_up_ref(found->second.get());
  return openssl::Session(found->second.get());
}

void attach(SSL& ssl, TlsPeerCheck& check) { SSL_set_app_data(&ssl, &check); }

}  // namespace sidetone::net
