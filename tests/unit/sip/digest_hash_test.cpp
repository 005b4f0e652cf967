// Published vectors of the hashes, and lengths around the padding's edges (made with another implementation).
#include <gtest/gtest.h>

#include "sip/auth/digest.h"
#include "sip/auth/response_value.h"

namespace sidetone::sip::test {
namespace {

struct HashRow {
  const char* source;
  DigestAlgorithm algorithm;
  std::string data;
  const char* hex;
};
class DigestHash : public ::testing::TestWithParam<HashRow> {};

TEST_P(DigestHash, Vector) {
  EXPECT_EQ(digest_hex(GetParam().algorithm, GetParam().data), GetParam().hex) << GetParam().source;
}

constexpr auto md5 = DigestAlgorithm::md5;
constexpr auto sha256 = DigestAlgorithm::sha256;
constexpr auto sha512_256 = DigestAlgorithm::sha512_256;
std::string a(std::size_t count) { return std::string(count, 'a'); }

INSTANTIATE_TEST_SUITE_P(
    Vectors, DigestHash,
    ::testing::Values(
        HashRow{"RFC 1321 A.5", md5, "", "d41d8cd98f00b204e9800998ecf8427e"},
        HashRow{"RFC 1321 A.5", md5, "a", "0cc175b9c0f1b6a831c399e269772661"},
        HashRow{"RFC 1321 A.5", md5, "abc", "900150983cd24fb0d6963f7d28e17f72"},
        HashRow{"RFC 1321 A.5", md5, "message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
        HashRow{"RFC 1321 A.5", md5, "abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"},
        HashRow{"RFC 1321 A.5", md5,
                "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
                "57edf4a22be3c955ac49da2e2107b67a"},
        HashRow{"edge", md5, a(55), "ef1772b6dff9a122358552954ad0df65"},
        HashRow{"edge", md5, a(56), "3b0c8ac703f828b04c6c197006d17218"},
        HashRow{"edge", md5, a(64), "014842d480b571495a4a0363793f7367"},
        HashRow{"long", md5, a(1000), "cabe45dcc9ae5b66ba86600cca6b8ba8"},
        HashRow{"FIPS 180-4", sha256, "abc",
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        HashRow{"FIPS 180-4", sha256, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        HashRow{"empty", sha256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        HashRow{"edge", sha256, a(55), "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
        HashRow{"edge", sha256, a(56), "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"},
        HashRow{"edge", sha256, a(64), "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
        HashRow{"long", sha256, a(1000), "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3"},
        HashRow{"FIPS 180-4", sha512_256, "abc",
                "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23"},
        HashRow{"empty", sha512_256, "", "c672b8d1ef56ed28ab87c3622c5114069bdd3ad7b8f9737498d0c01ecef0967a"},
        HashRow{"edge", sha512_256, a(111),
                "0239e429f98d0ed61ee8e2a7c30afe98c1c3a80ce5dff62a107e9c538f7632ce"},
        HashRow{"edge", sha512_256, a(112),
                "9216b5303edb66504570bee90e48ea5beaa5e9fe9f760bbd3e0460559fc005f6"},
        HashRow{"edge", sha512_256, a(128),
                "b88f97e274f9c1d49f181c8cbd01a9c74930ad055a46ac4499a1d601f1c80bf2"},
        HashRow{"long", sha512_256, a(1000),
                "40eb4a70d4d69815407a9e272f0101cd67e3d11262a4a0bfc087712749c7fb53"}));

struct ResponseRow {
  const char* source;
  DigestInput input;
  const char* password;
  const char* response;
};
class DigestResponse : public ::testing::TestWithParam<ResponseRow> {};

TEST_P(DigestResponse, Example) {
  EXPECT_EQ(digest_response(GetParam().input, Secret<std::string>(GetParam().password)), GetParam().response)
      << GetParam().source;
}

constexpr auto nonce_7616 = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
constexpr auto cnonce_7616 = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";

INSTANTIATE_TEST_SUITE_P(
    Examples, DigestResponse,
    ::testing::Values(ResponseRow{"RFC 7616 §3.9.1 MD5",
                                  {.algorithm = md5,
                                   .user = "Mufasa",
                                   .realm = "http-auth@example.org",
                                   .nonce = nonce_7616,
                                   .cnonce = cnonce_7616,
                                   .nc = "00000001",
                                   .uri = "/dir/index.html",
                                   .method = "GET",
                                   .qop = "auth"},
                                  "Circle of Life",
                                  "8ca523f5e9506fed4657c9700eebdbec"},
                      ResponseRow{"RFC 7616 §3.9.1 SHA-256",
                                  {.algorithm = sha256,
                                   .user = "Mufasa",
                                   .realm = "http-auth@example.org",
                                   .nonce = nonce_7616,
                                   .cnonce = cnonce_7616,
                                   .nc = "00000001",
                                   .uri = "/dir/index.html",
                                   .method = "GET",
                                   .qop = "auth"},
                                  "Circle of Life",
                                  "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"},
                      ResponseRow{
                          "RFC 7616 §3.9.2 SHA-512-256, as corrected by erratum 4897 (the RFC cut SHA-512)",
                          {.algorithm = sha512_256,
                           .user = "J\xc3\xa4s\xc3\xb8n Doe",
                           .realm = "api@example.org",
                           .nonce = "5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK",
                           .cnonce = "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v",
                           .nc = "00000001",
                           .uri = "/doe.json",
                           .method = "GET",
                           .qop = "auth"},
                          "Secret, or not?",
                          "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5"},
                      ResponseRow{"RFC 2617 §3.5",
                                  {.algorithm = md5,
                                   .user = "Mufasa",
                                   .realm = "testrealm@host.com",
                                   .nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093",
                                   .cnonce = "0a4f113b",
                                   .nc = "00000001",
                                   .uri = "/dir/index.html",
                                   .method = "GET",
                                   .qop = "auth"},
                                  "Circle Of Life",
                                  "6629fae49393a05397450978507c4ef1"},
                      // Made with another implementation: no qop, auth-int with a body, a session key.
                      ResponseRow{"RFC 2069 §2.4 formula",
                                  {.algorithm = md5,
                                   .user = "Mufasa",
                                   .realm = "testrealm@host.com",
                                   .nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093",
                                   .uri = "/dir/index.html",
                                   .method = "GET"},
                                  "CircleOfLife",
                                  "1949323746fe6a43ef61f9606e7febea"},
                      ResponseRow{"RFC 7616 §3.4.3 auth-int",
                                  {.algorithm = sha256,
                                   .user = "alice",
                                   .realm = "lab",
                                   .nonce = "n",
                                   .cnonce = "c",
                                   .nc = "0000000a",
                                   .uri = "sip:lab",
                                   .method = "INVITE",
                                   .body = "v=0\r\n",
                                   .qop = "auth-int"},
                                  "secret",
                                  "8e65b82680114494355c428f6fe81d2696add456b014d01bb7495e3eb9143f24"},
                      ResponseRow{"RFC 7616 §3.4.2 MD5-sess",
                                  {.algorithm = md5,
                                   .session = true,
                                   .user = "alice",
                                   .realm = "lab",
                                   .nonce = "n",
                                   .cnonce = "c",
                                   .nc = "00000001",
                                   .uri = "sip:lab",
                                   .method = "REGISTER",
                                   .qop = "auth"},
                                  "secret",
                                  "4c652b22bf578e5de02375f1f33401fb"}));

}  // namespace
}  // namespace sidetone::sip::test
