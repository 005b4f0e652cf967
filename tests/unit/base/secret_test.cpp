#include "base/secret.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace sidetone {
namespace {

template <typename T>
concept Printable = requires(std::ostringstream& out, const T& value) { out << value; };

TEST(Secret, cannot_be_formatted_or_streamed) {
  static_assert(!fmt::is_formattable<Secret<std::string>>::value);
  static_assert(!Printable<Secret<std::string>>);
  static_assert(!std::is_convertible_v<Secret<std::string>, std::string>);
  EXPECT_EQ(Secret<std::string>("a-password").reveal(), "a-password");
}

TEST(Pii, prints_masked) {
  EXPECT_EQ(fmt::format("{}", Pii<std::string>("4930123456")), "********56");
  EXPECT_EQ(fmt::format("{}", Pii<std::string>("123")), "***");
  EXPECT_EQ(fmt::format("{}", Pii<std::string>("")), "");
}

}  // namespace
}  // namespace sidetone
