// RFC 4568: each parameter of a=crypto, valid and not.
#include "sdp/crypto_attribute.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sidetone::sdp {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string key_30 = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";
const std::string key_28 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw==";
const std::string key_44 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKis=";
const std::string key_46 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLQ==";

struct Row {
  const char* section;
  std::string value;
  std::string written;  // empty: as `value`
};

class ValidCrypto : public testing::TestWithParam<Row> {};

TEST_P(ValidCrypto, IsReadAndWrittenAgain) {
  const auto crypto = parse_crypto(GetParam().value);
  ASSERT_TRUE(crypto) << describe(crypto.error());
  const auto& expected = GetParam().written.empty() ? GetParam().value : GetParam().written;
  EXPECT_EQ(write_crypto(*crypto), expected);
  EXPECT_EQ(*parse_crypto(write_crypto(*crypto)), *crypto);
}

const std::string cm_80 = "AES_CM_128_HMAC_SHA1_80 inline:" + key_30;

INSTANTIATE_TEST_SUITE_P(
    Rows, ValidCrypto,
    testing::Values(Row{"RFC 4568 §6.2.1", "1 " + cm_80, ""},
                    Row{"RFC 4568 §6.2.2", "2 AES_CM_128_HMAC_SHA1_32 inline:" + key_30, ""},
                    Row{"RFC 6188 §4.3", "3 AES_256_CM_HMAC_SHA1_80 inline:" + key_46, ""},
                    Row{"RFC 6188 §4.3", "4 AES_256_CM_HMAC_SHA1_32 inline:" + key_46, ""},
                    Row{"RFC 7714 §14.2", "5 AEAD_AES_128_GCM inline:" + key_28, ""},
                    Row{"RFC 7714 §14.2", "999999999 AEAD_AES_256_GCM inline:" + key_44, ""},
                    Row{"§6.1: lifetime as a power", "1 " + cm_80 + "|2^20", "1 " + cm_80 + "|1048576"},
                    Row{"§6.1: lifetime as a number", "1 " + cm_80 + "|1066", ""},
                    Row{"§6.1: the default lifetime", "1 " + cm_80 + "|2^48", "1 " + cm_80},
                    Row{"§6.1: MKI behind a lifetime", "1 " + cm_80 + "|1048576|1:4", ""},
                    Row{"§6.1: MKI alone", "1 " + cm_80 + "|1066:4", ""},
                    Row{"§6.1: MKI of 128 bytes", "1 " + cm_80 + "|18446744073709551615:128", ""},
                    Row{"§6.1: two keys",
                        "1 " + cm_80 + "|1:4;inline:QUJjZGVmMTIzNDU2Nzg5QUJDREUwMTIzNDU2Nzg5|2:4", ""},
                    Row{"§6.1: padding is discarded", "1 AEAD_AES_128_GCM inline:" + key_28.substr(0, 38),
                        "1 AEAD_AES_128_GCM inline:" + key_28},
                    Row{"§6.3.1", "1 " + cm_80 + " KDR=24", ""},
                    Row{"§6.3.2", "1 " + cm_80 + " UNENCRYPTED_SRTCP", ""},
                    Row{"§6.3.2", "1 " + cm_80 + " UNENCRYPTED_SRTP", ""},
                    Row{"§6.3.3", "1 " + cm_80 + " UNAUTHENTICATED_SRTP", ""},
                    Row{"§6.3.4", "1 " + cm_80 + " FEC_ORDER=SRTP_FEC", ""},
                    Row{"§6.3.4: the default", "1 " + cm_80 + " FEC_ORDER=FEC_SRTP", "1 " + cm_80},
                    Row{"§6.3.6", "1 " + cm_80 + " WSH=64", ""},
                    Row{"§6.3.7: optional ones are ignored", "1 " + cm_80 + " -NEW=1 WSH=128 -X",
                        "1 " + cm_80 + " WSH=128"},
                    Row{"§9.1: more white space", "1  \t" + cm_80 + "   UNENCRYPTED_SRTCP ",
                        "1 " + cm_80 + " UNENCRYPTED_SRTCP"},
                    Row{"RFC 5234 §2.3: literals in any case",
                        "1 aes_cm_128_hmac_sha1_80 INLINE:" + key_30 + " unencrypted_srtcp",
                        "1 " + cm_80 + " UNENCRYPTED_SRTCP"},
                    Row{"all at once",
                        "7 " + cm_80 +
                            "|2^31|12:1 KDR=3 UNENCRYPTED_SRTCP UNENCRYPTED_SRTP "
                            "UNAUTHENTICATED_SRTP FEC_ORDER=SRTP_FEC WSH=1024",
                        "7 " + cm_80 +
                            "|2147483648|12:1 KDR=3 UNENCRYPTED_SRTCP UNENCRYPTED_SRTP "
                            "UNAUTHENTICATED_SRTP FEC_ORDER=SRTP_FEC WSH=1024"}));

struct BadRow {
  const char* section;
  std::string value;
  Fault fault = Fault::syntax;
};

class InvalidCrypto : public testing::TestWithParam<BadRow> {};

TEST_P(InvalidCrypto, IsAFaultThatShowsNothingOfTheKey) {
  const auto crypto = parse_crypto(GetParam().value);
  ASSERT_FALSE(crypto);
  EXPECT_EQ(crypto.error().fault, GetParam().fault) << describe(crypto.error());
  EXPECT_THAT(describe(crypto.error()), Not(HasSubstr("WVNf")));
}

std::string many_keys(int count) {
  std::string out = "1 AES_CM_128_HMAC_SHA1_80 ";
  for (int i = 1; i <= count; ++i)
    out += (i > 1 ? ";inline:" : "inline:") + key_30 + "|" + std::to_string(i) + ":1";
  return out;
}

INSTANTIATE_TEST_SUITE_P(
    Rows, InvalidCrypto,
    testing::Values(
        BadRow{"§9.1", ""}, BadRow{"§9.1: no tag", cm_80}, BadRow{"§4.1: leading zero", "01 " + cm_80},
        BadRow{"§9.1: ten digits", "1000000000 " + cm_80}, BadRow{"§9.1", "-1 " + cm_80},
        BadRow{"§6.2: F8 is not spoken", "1 F8_128_HMAC_SHA1_80 inline:" + key_30, Fault::unsupported},
        BadRow{"§6.2: no suite", "1", Fault::unsupported},
        BadRow{"§9.1: no key", "1 AES_CM_128_HMAC_SHA1_80"},
        BadRow{"§6.1: another method", "1 AES_CM_128_HMAC_SHA1_80 uri:" + key_30, Fault::unsupported},
        BadRow{"§6.2.1: too short", "1 AES_CM_128_HMAC_SHA1_80 inline:" + key_28},
        BadRow{"§6.2.1: too long", "1 AES_CM_128_HMAC_SHA1_80 inline:" + key_44},
        BadRow{"RFC 7714 §14.2: 28 bytes", "1 AEAD_AES_128_GCM inline:" + key_30},
        BadRow{"RFC 7714 §14.2: 44 bytes", "1 AEAD_AES_256_GCM inline:" + key_46},
        BadRow{"RFC 6188 §4.3: 46 bytes", "1 AES_256_CM_HMAC_SHA1_80 inline:" + key_30},
        BadRow{"§6.1: no base64",
               "1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19z!W1jdGwgKCkgewkyMjA7fQp9CnVubGVz"},
        BadRow{"§6.1: empty key", "1 AES_CM_128_HMAC_SHA1_80 inline:"},
        BadRow{"§6.1: lifetime 0", "1 " + cm_80 + "|0"}, BadRow{"§6.1: no lifetime", "1 " + cm_80 + "||1:4"},
        BadRow{"§6.1: lifetime too large", "1 " + cm_80 + "|2^49"},
        BadRow{"§6.1: lifetime too large", "1 " + cm_80 + "|281474976710657"},
        BadRow{"§6.1: leading zero", "1 " + cm_80 + "|01066"}, BadRow{"§6.1", "1 " + cm_80 + "|2^020"},
        BadRow{"§6.1: two lifetimes", "1 " + cm_80 + "|20|20"},
        BadRow{"§6.1: lifetime behind the MKI", "1 " + cm_80 + "|1:4|20"},
        BadRow{"§6.1: MKI without length", "1 " + cm_80 + "|1:"},
        BadRow{"§6.1: MKI length 0", "1 " + cm_80 + "|1:0"}, BadRow{"§6.1: 129", "1 " + cm_80 + "|1:129"},
        BadRow{"§6.1: leading zero", "1 " + cm_80 + "|01:4"}, BadRow{"§6.1", "1 " + cm_80 + "|1:04"},
        BadRow{"§6.1: does not fit", "1 " + cm_80 + "|256:1"}, BadRow{"§6.1", "1 " + cm_80 + "|x:1"},
        BadRow{"a bound of ours", "1 " + cm_80 + "|18446744073709551616:9", Fault::unsupported},
        BadRow{"§6.1: two MKIs", "1 " + cm_80 + "|1:4|2:4"},
        BadRow{"§6.1: two keys, one MKI", "1 " + cm_80 + "|1:4;inline:" + key_30},
        BadRow{"§6.1: two keys, no MKI", "1 " + cm_80 + ";inline:" + key_30},
        BadRow{"§6.1: two lengths", "1 " + cm_80 + "|1:4;inline:" + key_30 + "|2:2"},
        BadRow{"a bound of ours", many_keys(17), Fault::limit}, BadRow{"§6.3.1", "1 " + cm_80 + " KDR=0"},
        BadRow{"§6.3.1", "1 " + cm_80 + " KDR=25"}, BadRow{"§6.3.1: leading zero", "1 " + cm_80 + " KDR=03"},
        BadRow{"§6.3.1", "1 " + cm_80 + " KDR"}, BadRow{"§6.3.4", "1 " + cm_80 + " FEC_ORDER=NONE"},
        BadRow{"§6.3.5", "1 " + cm_80 + " FEC_KEY=inline:" + key_30},
        BadRow{"§6.3.6: at least 64", "1 " + cm_80 + " WSH=63"}, BadRow{"§6.3.6", "1 " + cm_80 + " WSH=0128"},
        BadRow{"§6.3.7", "1 " + cm_80 + " MAGIC", Fault::unsupported},
        BadRow{"§6.3.7", "1 " + cm_80 + " UNENCRYPTED_SRTCP=1", Fault::unsupported}));

TEST(CryptoAttribute, WhatIsNotSecuredIsNotUsable) {
  EXPECT_TRUE(
      is_usable(*parse_crypto("1 " + cm_80 + "|2^20|1:4 UNENCRYPTED_SRTCP FEC_ORDER=SRTP_FEC WSH=99")));
  EXPECT_FALSE(is_usable(*parse_crypto("1 " + cm_80 + " UNENCRYPTED_SRTP")));
  EXPECT_FALSE(is_usable(*parse_crypto("1 " + cm_80 + " UNAUTHENTICATED_SRTP")));  // §6.3.3
  EXPECT_FALSE(is_usable(*parse_crypto("1 " + cm_80 + " KDR=1")));                 // §7.1.2: policy
}

TEST(CryptoAttribute, InvalidOnesAndRepeatedTagsAreLeftOut) {  // §5.1.1: unique tags
  MediaDescription media;
  media.attributes = {{"crypto", "1 F8_128_HMAC_SHA1_80 inline:" + key_30},
                      {"crypto", "2 " + cm_80},
                      {"crypto", "2 AEAD_AES_128_GCM inline:" + key_28},
                      {"cryptic", "3 " + cm_80},
                      {"crypto", "4 " + cm_80 + " UNKNOWN"},
                      {"crypto", "5 AEAD_AES_256_GCM inline:" + key_44}};
  const auto found = crypto_attributes(media);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].tag, 2u);
  EXPECT_EQ(found[0].suite, SrtpSuite::aes_cm_128_hmac_sha1_80);
  EXPECT_EQ(found[1].suite, SrtpSuite::aead_aes_256_gcm);
}

}  // namespace
}  // namespace sidetone::sdp
