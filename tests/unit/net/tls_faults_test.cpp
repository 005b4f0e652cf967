// What an administrator reads when a certificate is wrong: one row per fault.
#include <gmock/gmock.h>

#include "tls_pair.h"

namespace sidetone::net::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

struct Row {
  const char* fault;
  Leaf leaf;
  const char* wanted;
  TlsNameCheck check;
  bool trusts;                     // the client has the authority
  std::vector<const char*> words;  // none: it opens
};

std::string contents(const std::vector<std::string>& lines) { return lines.empty() ? "" : lines.back(); }

TEST(TlsFaults, OfTheServersCertificate) {
  constexpr auto host = TlsNameCheck::host;
  const char* which = "certificate \"CN=sip.example\" (issuer \"CN=Test CA\", serial 0A1B)";
  const std::vector<Row> rows{
      {"none", {}, "sip.example", host, true, {}},
      {"expired",
       {.to_s = -60},
       "sip.example",
       host,
       true,
       {which, "has expired on 20", "renew it on the server", "set this computer's clock"}},
      {"not yet valid",
       {.from_s = 3600},
       "sip.example",
       host,
       true,
       {which, "is not valid before 20", "set this computer's clock"}},
      {"self-signed",
       {.is_self_signed = true},
       "sip.example",
       host,
       true,
       {"CN=sip.example", "is self-signed and not among the trusted ones", "add it to the CA file"}},
      {"unknown issuer",
       {},
       "sip.example",
       host,
       false,
       {"the issuer \"CN=Test CA\" of the server's", which, "is not known here",
        "add the issuer's certificate to the CA file"}},
      {"another name",
       {.san = "DNS:a.example,DNS:b.example"},
       "sip.example",
       host,
       true,
       {which, "expected sip.example, found DNS:a.example, DNS:b.example", "have this name added to it"}},
      {"a wildcard",
       {.san = "DNS:*.example"},
       "sip.example",
       host,
       true,
       {"expected sip.example, found DNS:*.example", "SIP knows no wildcards (RFC 5922 section 7.2)"}},
      {"no name at all",
       {.cn = "", .san = "email:a@sip.example"},
       "sip.example",
       host,
       true,
       {"expected sip.example, found none"}},
      {"an address that is not in it",
       {},
       "127.0.0.1",
       host,
       true,
       {"expected 127.0.0.1, found DNS:sip.example"}},
      {"for clients only",
       {.usage = "clientAuth"},
       "sip.example",
       host,
       true,
       {which, "is not meant for a TLS server (extendedKeyUsage)"}},
      {"for SIP domains (RFC 5924)", {.usage = "1.3.6.1.5.5.7.3.20"}, "sip.example", host, true, {}},
      {"for anything", {.usage = "anyExtendedKeyUsage"}, "sip.example", host, true, {}},
      {"tls-target-name-check=no: any name",
       {.san = "DNS:a.example"},
       "sip.example",
       TlsNameCheck::none,
       true,
       {}},
      {"... but not any issuer", {}, "sip.example", TlsNameCheck::none, false, {"is not known here"}},
      {"... and not an expired one",
       {.to_s = -60},
       "sip.example",
       TlsNameCheck::none,
       true,
       {"has expired on"}},
  };
  for (const auto& row : rows) {
    TlsPair pair;
    pair.server_settings.certificate_file = pair.folder.write("s.pem", pair.authority.issue(row.leaf).both());
    pair.client_settings.name_check = row.check;
    if (!row.trusts) pair.client_settings.ca_file.clear();
    ASSERT_TRUE(pair.listen()) << row.fault;
    pair.connect(row.wanted);
    ASSERT_TRUE(pair.until([&] { return pair.client.opened || !pair.client.closed.empty(); })) << row.fault;
    EXPECT_EQ(pair.client.opened, row.words.empty()) << row.fault << ": " << contents(pair.client.closed);
    for (const char* words : row.words)
      EXPECT_THAT(contents(pair.client.closed), HasSubstr(words)) << row.fault;
    if (!row.words.empty()) {
      // The server's administrator hears of it, too.
      ASSERT_TRUE(pair.until([&] { return !pair.refused.empty(); })) << row.fault;
      EXPECT_THAT(pair.refused.back(), HasSubstr("client")) << row.fault;
    }
  }
}

TEST(TlsFaults, AnAuthorityThatTheServerSendsIsNotTrustedForThat) {
  TlsPair pair;
  pair.server_settings.certificate_file =
      pair.folder.write("chain.pem", pair.authority.issue({}).both() + pair.authority.pem());
  pair.client_settings.ca_file.clear();
  ASSERT_TRUE(pair.listen());
  pair.connect();
  ASSERT_TRUE(pair.until([&] { return !pair.client.closed.empty(); }));
  EXPECT_THAT(contents(pair.client.closed),
              AllOf(HasSubstr("the authority at the end of the server's chain is not trusted"),
                    HasSubstr("CN=Test CA"), HasSubstr("add this authority's certificate to the CA file")));
}

TEST(TlsFaults, SelfSignedIsGoodWhenItIsItselfTrusted) {
  TlsPair pair;
  const auto issued = pair.authority.issue({.is_self_signed = true});
  pair.server_settings.certificate_file = pair.folder.write("s.pem", issued.both());
  pair.client_settings.ca_file = pair.folder.write("trusted.pem", issued.certificate);
  ASSERT_TRUE(pair.listen());
  pair.connect();
  EXPECT_TRUE(pair.until([&] { return pair.client.opened; })) << contents(pair.client.closed);
}

struct OwnRow {
  const char* fault;
  std::function<void(TlsPair&)> arrange;  // sets server_settings
  std::vector<std::string> words;
};

TEST(TlsFaults, OfOurOwnCertificate) {
  const auto files = [](TlsPair& pair, const std::string& certificate, const std::string& key) {
    pair.server_settings.certificate_file = pair.folder.write("own.pem", certificate);
    pair.server_settings.key_file = key.empty() ? "" : pair.folder.write("own.key", key);
  };
  const std::vector<OwnRow> rows{
      {"none is named",
       [](TlsPair& pair) { pair.server_settings.certificate_file.clear(); },
       {"cannot be accepted without a certificate", "system.security.certificate"}},
      {"the file is missing",
       [](TlsPair& pair) { pair.server_settings.certificate_file = "/nowhere/x.pem"; },
       {"the certificate file /nowhere/x.pem cannot be read: No such file"}},
      {"no certificate in it",
       [&](TlsPair& pair) { files(pair, "hello\n", ""); },
       {"there is no certificate in ", "own.pem", "-----BEGIN CERTIFICATE-----"}},
      {"a broken one, with its line",
       [&](TlsPair& pair) {
         auto issued = pair.authority.issue({});
         const auto good = issued.certificate;
         issued.certificate[100] = '!';
         files(pair, "# ours\n" + good + issued.certificate, issued.key);
       },
       {"own.pem line ", "the certificate that begins there cannot be read"}},
      {"no key",
       [&](TlsPair& pair) { files(pair, pair.authority.issue({}).certificate, ""); },
       {"there is no private key in ", "own.pem"}},
      {"the key file is missing",
       [&](TlsPair& pair) {
         files(pair, pair.authority.issue({}).certificate, "");
         pair.server_settings.key_file = "/nowhere/key.pem";
       },
       {"the private key file /nowhere/key.pem cannot be read"}},
      {"another one's key",
       [&](TlsPair& pair) {
         files(pair, pair.authority.issue({}).certificate, pair.authority.issue({}).key);
       },
       {"own.key does not belong to the certificate \"CN=sip.example\"", "own.pem"}},
      {"an encrypted key without passphrase",
       [&](TlsPair& pair) {
         const auto issued = pair.authority.issue({});
         files(pair, issued.certificate, with_passphrase(issued.key, "right"));
       },
       {"own.key is encrypted, and no passphrase is set"}},
      {"... with a wrong one",
       [&](TlsPair& pair) {
         const auto issued = pair.authority.issue({});
         files(pair, issued.certificate, with_passphrase(issued.key, "right"));
         pair.server_settings.key_passphrase = Secret<std::string>("wrong-4711");
       },
       {"own.key is encrypted, and the passphrase does not open it"}},
      {"... with the right one",
       [&](TlsPair& pair) {
         const auto issued = pair.authority.issue({});
         files(pair, issued.certificate, with_passphrase(issued.key, "right"));
         pair.server_settings.key_passphrase = Secret<std::string>("right");
       },
       {}},
  };
  for (const auto& row : rows) {
    TlsPair pair;
    row.arrange(pair);
    const auto listening = pair.listen();
    EXPECT_EQ(listening.has_value(), row.words.empty()) << row.fault;
    if (listening) continue;
    for (const auto& words : row.words)
      EXPECT_THAT(describe(listening.error()), HasSubstr(words)) << row.fault;
    EXPECT_THAT(describe(listening.error()), ::testing::Not(HasSubstr("4711"))) << row.fault;
  }
}

struct LoadRow {
  const char* fault;
  std::function<void(TlsPair&)> arrange;  // sets client_settings
  std::vector<std::string> words;
};

// Files that only a client needs are read by the first connection: it says what is wrong with them.
TEST(TlsFaults, OfFilesThatAClientLoads) {
  const std::vector<LoadRow> rows{
      {"CA file missing",
       [](TlsPair& pair) { pair.client_settings.ca_file = "/nowhere/ca.pem"; },
       {"the CA file /nowhere/ca.pem cannot be read"}},
      {"no certificate in it",
       [](TlsPair& pair) { pair.client_settings.ca_file = pair.folder.write("empty.pem", "\n"); },
       {"the CA file ", "empty.pem cannot be used", "PEM with at least one certificate"}},
      {"CA folder missing",
       [](TlsPair& pair) { pair.client_settings.ca_dir = "/nowhere/certs"; },
       {"the CA folder /nowhere/certs is not there"}},
      {"a weak key of our own",
       [](TlsPair& pair) {
         pair.client_settings.certificate_file =
             pair.folder.write("weak.pem", pair.authority.issue({.rsa_bits = 1024}).both());
       },
       {"our certificate \"CN=sip.example\"", "weak.pem cannot be used", "key too small", "2048 bits"}},
  };
  for (const auto& row : rows) {
    TlsPair pair;
    row.arrange(pair);
    ASSERT_TRUE(pair.listen());
    pair.connect();
    ASSERT_TRUE(pair.until([&] { return !pair.client.closed.empty(); })) << row.fault;
    for (const auto& words : row.words)
      EXPECT_THAT(contents(pair.client.closed), HasSubstr(words)) << row.fault;
  }
}

TEST(TlsFaults, AnExpiredCertificateOfOurOwnIsAWarning) {
  TlsPair pair;
  pair.client_settings.certificate_file =
      pair.folder.write("old.pem", pair.authority.issue({.to_s = -60}).both());
  std::vector<std::string> warnings;
  ASSERT_TRUE(pair.listen());
  pair.client_profile.emplace(pair.io, pair.client_settings);
  pair.client_profile->set_on_warning([&](const Error& warning) { warnings.push_back(warning.text); });
  pair.connect();
  ASSERT_TRUE(pair.until([&] { return pair.client.opened; }));
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_THAT(warnings[0], AllOf(HasSubstr("old.pem has expired on"), HasSubstr("CN=sip.example")));
}

struct ClientRow {
  const char* what;
  TlsClientCertificates policy;
  std::optional<Leaf> leaf;  // of the client
  std::vector<std::string> proved;
  const char* client_words;  // none: it stays open
  const char* server_words;
};

// RFC 5922 §7.4, RFC 5923 §9.2.
TEST(TlsFaults, OfTheClientsCertificate) {
  const Leaf good{.cn = "phone", .san = "DNS:phone.example", .usage = "clientAuth"};
  const Leaf stranger{.cn = "phone", .san = "DNS:phone.example", .is_self_signed = true};
  const std::vector<ClientRow> rows{
      {"asked, none shown", TlsClientCertificates::ask, {}, {}, nullptr, nullptr},
      {"asked, a good one", TlsClientCertificates::ask, good, {"phone.example"}, nullptr, nullptr},
      {"asked, one that proves nothing", TlsClientCertificates::ask, stranger, {}, nullptr, nullptr},
      {"demanded, a good one", TlsClientCertificates::demand, good, {"phone.example"}, nullptr, nullptr},
      {"demanded, none shown",
       TlsClientCertificates::demand,
       {},
       {},
       "the server demands a client certificate, and none is configured",
       "the client shows no certificate, and one is demanded"},
      {"demanded, one that proves nothing",
       TlsClientCertificates::demand,
       stranger,
       {},
       "the server does not accept our certificate from",
       "is self-signed and not among the trusted ones"},
      {"demanded, expired",
       TlsClientCertificates::demand,
       Leaf{.cn = "phone", .to_s = -60},
       {},
       "does not accept our certificate",
       "the client's certificate \"CN=phone\""},
      {"demanded, for servers only",
       TlsClientCertificates::demand,
       Leaf{.cn = "phone", .usage = "serverAuth"},
       {},
       "does not accept our certificate",
       "is not meant for a TLS client"},
  };
  for (const auto& row : rows) {
    TlsPair pair;
    pair.server_settings.client_certificates = row.policy;
    if (row.leaf)
      pair.client_settings.certificate_file =
          pair.folder.write("client.pem", pair.authority.issue(*row.leaf).both());
    ASSERT_TRUE(pair.listen());
    pair.connect();
    if (row.client_words == nullptr) {
      ASSERT_TRUE(pair.until([&] { return pair.accepted == 1; })) << row.what;
      EXPECT_EQ(pair.server.connection->peer_names(), row.proved) << row.what;
      continue;
    }
    ASSERT_TRUE(pair.until([&] { return !pair.client.closed.empty() && !pair.refused.empty(); })) << row.what;
    EXPECT_THAT(contents(pair.client.closed), HasSubstr(row.client_words)) << row.what;
    EXPECT_THAT(contents(pair.refused), HasSubstr(row.server_words)) << row.what;
    EXPECT_EQ(pair.accepted, 0) << row.what;
  }
}

}  // namespace
}  // namespace sidetone::net::test
