// XDG Base Directory Specification 0.8, and where the vendor's phone looks.
#include "config/default_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace sidetone::config {
namespace {

std::vector<std::string> found(std::map<std::string, std::string> variables) {
  return default_files([variables](const char* name) -> std::optional<std::string> {
    const auto at = variables.find(name);
    return at == variables.end() ? std::nullopt : std::optional(at->second);
  });
}

TEST(DefaultFiles, FollowTheEnvironment) {
  using testing::ElementsAre;
  EXPECT_THAT(found({}), ElementsAre("Softphone.config", "/etc/xdg/sidetone/Softphone.config",
                                     "/etc/sidetone/Softphone.config"));
  EXPECT_THAT(found({{"HOME", "/home/a"}}),
              ElementsAre("Softphone.config", "/home/a/.config/sidetone/Softphone.config",
                          "/etc/xdg/sidetone/Softphone.config", "/etc/sidetone/Softphone.config"));
  EXPECT_THAT(found({{"HOME", "/home/a"}, {"XDG_CONFIG_HOME", "/c"}, {"XDG_CONFIG_DIRS", "/x:/y"}}),
              ElementsAre("Softphone.config", "/c/sidetone/Softphone.config", "/x/sidetone/Softphone.config",
                          "/y/sidetone/Softphone.config", "/etc/sidetone/Softphone.config"));
  EXPECT_THAT(found({{"XDG_CONFIG_HOME", "relative"}, {"XDG_CONFIG_DIRS", "also:relative"}}),
              ElementsAre("Softphone.config", "/etc/sidetone/Softphone.config"))
      << "relative ones are to be ignored";
}

}  // namespace
}  // namespace sidetone::config
