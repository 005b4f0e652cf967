#include "net/tls_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/address.h"
#include "base/text.h"

namespace sidetone::net {
namespace {

// Bound: names of one certificate; a list of thousands would be compared for each connection.
constexpr std::size_t names_max = 200;

std::string_view text_of(const ASN1_STRING& string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(&string)),
          static_cast<std::size_t>(ASN1_STRING_length(&string))};
}

// A NUL or another control character in a name would let "good.example\0.evil.example" pass for the first
// half of it in code that works with C strings. Such a name is nobody's.
bool is_clean(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

// RFC 5922 §7.1: a URI with a user part names a person; one of another scheme is no SIP identity.
std::string_view sip_domain(std::string_view uri) {
  if (uri.size() < 5 || !iequals(uri.substr(0, 4), "sip:")) return {};
  auto host = uri.substr(4);
  if (host.find('@') != std::string_view::npos) return {};
  host = host.substr(0, host.find_first_of(";?"));
  if (host.starts_with('[')) {
    const auto end = host.find(']');
    return end == std::string_view::npos ? std::string_view{} : host.substr(1, end - 1);
  }
  return host.substr(0, host.find(':'));
}

std::string address_text(const ASN1_STRING& bytes) {
  IpAddress ip;
  const auto raw = text_of(bytes);
  if (raw.size() != 4 && raw.size() != 16) return {};
  ip.family = raw.size() == 4 ? IpAddress::Family::v4 : IpAddress::Family::v6;
  std::memcpy(ip.bytes.data(), raw.data(), raw.size());
  return ip.to_string();
}

void add_common_names(const X509& certificate, CertificateNames& names) {
  const X509_NAME* subject = X509_get_subject_name(&certificate);
  for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0;) {
    const auto* entry = X509_NAME_get_entry(subject, at);
    const auto name = text_of(*X509_NAME_ENTRY_get_data(entry));
    if (!is_clean(name)) continue;
    names.domains.emplace_back(name);
    names.found.push_back(fmt::format("CN={}", name));
  }
}

std::string_view without_root_dot(std::string_view name) {
  if (name.size() > 1 && name.ends_with('.')) name.remove_suffix(1);
  return name;
}

}  // namespace

CertificateNames names_of(const X509& certificate) {
  CertificateNames names;
  std::vector<std::string> dns;
  const openssl::Names list(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  // An extension that cannot be read is there all the same: the CN does not stand in for it.
  if (!list && X509_get_ext_by_NID(&certificate, NID_subject_alt_name, -1) < 0) {
    add_common_names(certificate, names);
    return names;
  }
  const int count = list ? std::min(sk_GENERAL_NAME_num(list.get()), static_cast<int>(names_max)) : 0;
  for (int i = 0; i < count; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(list.get(), i);
    if (name->type == GEN_URI) {
      const auto uri = text_of(*name->d.uniformResourceIdentifier);
      if (!is_clean(uri)) continue;
      names.found.push_back(fmt::format("URI:{}", uri));
      if (const auto domain = sip_domain(uri); !domain.empty()) names.domains.emplace_back(domain);
    } else if (name->type == GEN_DNS) {
      const auto text = text_of(*name->d.dNSName);
      if (!is_clean(text)) continue;
      names.found.push_back(fmt::format("DNS:{}", text));
      dns.emplace_back(text);
    } else if (name->type == GEN_IPADD) {
      auto text = address_text(*name->d.iPAddress);
      if (text.empty()) continue;
      names.found.push_back(fmt::format("IP:{}", text));
      names.addresses.push_back(std::move(text));
    }
  }
  if (names.domains.empty()) names.domains = std::move(dns);
  return names;
}

bool matches(const CertificateNames& names, std::string_view wanted) {
  wanted = without_root_dot(wanted);
  if (const auto ip = IpAddress::parse(wanted)) {
    const auto is_it = [&](const std::string& name) {
      const auto other = IpAddress::parse(name);
      return other && *other == *ip;
    };
    return std::any_of(names.addresses.begin(), names.addresses.end(), is_it) ||
           std::any_of(names.domains.begin(), names.domains.end(), is_it);
  }
  return std::any_of(names.domains.begin(), names.domains.end(),
                     [&](const std::string& name) { return iequals(without_root_dot(name), wanted); });
}

}  // namespace sidetone::net
