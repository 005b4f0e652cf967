#include "net/tls_names.h"

#include <gmock/gmock.h>

#include "test_certificates.h"

namespace sidetone::net::test {
namespace {

struct Row {
  const char* section;
  const char* cn;
  const char* san;
  const char* wanted;
  bool matches;
};

TEST(TlsNames, WhoACertificateSpeaksFor) {
  const TestAuthority authority("Test CA");
  const Row rows[] = {
      {"RFC 5922 §7.1 DNS", "x", "DNS:sip.example", "sip.example", true},
      {"RFC 5922 §7.2 without case", "x", "DNS:SIP.Example", "sip.EXAMPLE", true},
      {"RFC 1034 §3.1 the root's dot", "x", "DNS:sip.example", "sip.example.", true},
      {"RFC 5922 §7.1 URI", "x", "URI:sip:sip.example", "sip.example", true},
      {"RFC 5922 §7.1 scheme without case", "x", "URI:SIP:sip.example", "sip.example", true},
      {"RFC 5922 §7.2 no parameters", "x", "URI:sip:sip.example:5061;transport=tls", "sip.example", true},
      {"RFC 5922 §7.1 a URI rules the DNS name out", "x", "URI:sip:a.example,DNS:b.example", "b.example",
       false},
      {"RFC 5922 §7.1 ... but not itself", "x", "URI:sip:a.example,DNS:b.example", "a.example", true},
      {"RFC 5922 §7.1 sips is no scheme of these", "x", "URI:sips:sip.example", "sip.example", false},
      {"RFC 5922 §7.1 a user part is a person", "x", "URI:sip:bob@sip.example", "sip.example", false},
      {"RFC 5922 §7.1 such URIs leave the DNS names", "x", "URI:sip:bob@a.example,DNS:b.example", "b.example",
       true},
      {"RFC 5922 §7.1 CN without subjectAltName", "sip.example", "", "sip.example", true},
      {"RFC 5922 §7.1 no CN beside subjectAltName", "sip.example", "DNS:other.example", "sip.example", false},
      {"RFC 5922 §7.1 no CN beside an address either", "sip.example", "IP:192.0.2.1", "sip.example", false},
      {"RFC 5922 §7.2 no suffix", "x", "DNS:example", "sip.example", false},
      {"RFC 5922 §7.2 no prefix", "x", "DNS:sip.example.net", "sip.example", false},
      {"RFC 5922 §7.2 no wildcard", "x", "DNS:*.example", "sip.example", false},
      {"RFC 5922 §7.2 no wildcard in the CN", "*.example", "", "sip.example", false},
      {"RFC 5922 §7.2 no leading dot", "x", "DNS:.example", "sip.example", false},
      {"address in iPAddress", "x", "IP:192.0.2.1", "192.0.2.1", true},
      {"another address", "x", "IP:192.0.2.1", "192.0.2.2", false},
      {"IPv6 in any spelling", "x", "IP:2001:db8:0:0:0:0:0:1", "2001:db8::1", true},
      {"address in a SIP URI", "x", "URI:sip:192.0.2.1", "192.0.2.1", true},
      {"IPv6 in a SIP URI", "x", "URI:sip:[2001:db8::1]:5061", "2001:db8::1", true},
      {"address in the CN", "192.0.2.1", "", "192.0.2.1", true},
      {"an address is no name", "x", "DNS:sip.example", "192.0.2.1", false},
      {"RFC 5922 §7.3 no identities", "", "email:a@sip.example", "sip.example", false},
  };
  for (const auto& row : rows) {
    const auto certificate = parse_certificate(authority.issue({.cn = row.cn, .san = row.san}).certificate);
    ASSERT_TRUE(certificate) << row.section;
    EXPECT_EQ(matches(names_of(*certificate), row.wanted), row.matches)
        << row.section << ": CN=" << row.cn << " SAN=" << row.san << " for " << row.wanted;
  }
}

// What a C string would cut off: the name is nobody's, not that of the first half.
TEST(TlsNames, ANulInANameMakesItNobodys) {
  const std::string name("sip.example\0.evil.example", 25);
  const openssl::Certificate certificate(X509_new());
  const openssl::Names names(sk_GENERAL_NAME_new_null());
  GENERAL_NAME* entry = GENERAL_NAME_new();
  ASN1_IA5STRING* text = ASN1_IA5STRING_new();
  ASN1_STRING_set(text, name.data(), static_cast<int>(name.size()));
  GENERAL_NAME_set0_value(entry, GEN_DNS, text);
  sk_GENERAL_NAME_push(names.get(), entry);
  X509_add1_ext_i2d(certificate.get(), NID_subject_alt_name, names.get(), 0, 0);
  X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>("sip.example"), -1, -1, 0);
  const auto found = names_of(*certificate);
  EXPECT_TRUE(found.domains.empty());
  EXPECT_FALSE(matches(found, "sip.example"));
}

TEST(TlsNames, AllThatWasFoundIsThereForWordsToAPerson) {
  const TestAuthority authority("Test CA");
  const auto certificate =
      parse_certificate(authority.issue({.san = "URI:sip:a.example,DNS:b.example,IP:192.0.2.1"}).certificate);
  EXPECT_THAT(names_of(*certificate).found,
              ::testing::ElementsAre("URI:sip:a.example", "DNS:b.example", "IP:192.0.2.1"));
}

}  // namespace
}  // namespace sidetone::net::test
