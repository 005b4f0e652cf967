#include "base/base64.h"

#include <gtest/gtest.h>

#include <array>

namespace sidetone {
namespace {

std::string decoded(std::string_view text, std::size_t room = 64) {
  std::array<std::uint8_t, 64> bytes{};
  const auto size = decode_base64(text, std::span(bytes).first(room));
  return size ? std::string(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(*size)) : "nothing";
}

TEST(Base64, BothWays) {  // RFC 4648 §10
  for (const auto& [plain, coded] : {std::pair{"", ""},
                                     {"f", "Zg=="},
                                     {"fo", "Zm8="},
                                     {"foo", "Zm9v"},
                                     {"foob", "Zm9vYg=="},
                                     {"fooba", "Zm9vYmE="},
                                     {"foobar", "Zm9vYmFy"}}) {
    std::string out;
    const std::string_view text = plain;
    append_base64(out, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    EXPECT_EQ(out, coded);
    EXPECT_EQ(decoded(coded), plain);
  }
  EXPECT_EQ(decoded("Zm9vYg"), "foob");  // RFC 4568 §6.1: padding is discarded
  EXPECT_EQ(decoded("+/+/"), "\xfb\xff\xbf");
}

TEST(Base64, NothingElseIsTaken) {
  for (const auto* text :
       {"Z", "Zg=", "Zg===", "Zm9v====", "Zg==Zg==", "Zh==", "Zm9=", "Zm 9", "Zm9v\n", "Zm-v", "=", "===="})
    EXPECT_EQ(decoded(text), "nothing") << text;
  EXPECT_EQ(decoded("Zm9vYmFy", 5), "nothing");
  EXPECT_EQ(decoded("Zm9vYmE=", 5), "fooba");
}

}  // namespace
}  // namespace sidetone
