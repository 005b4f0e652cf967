// What a start would refuse is refused by the check, with the place of the option; what it takes, it takes.
#include "engine/start_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "../config/faulty_files.h"
#include "../config/files.h"
#include "engine/phone_settings.h"

namespace sidetone::engine {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class StartCheck : public testing::Test {
 protected:
  StartCheck() {
    std::string name = (std::filesystem::temp_directory_path() / "sidetone-check-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~StartCheck() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& text, const std::string& name = "phone.config") {
    const auto path = (folder_ / name).string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  // One line for each problem.
  std::vector<std::string> refused_here(const std::string& path) {
    const auto read = read_for_start(path, {});
    auto problems = read.problems;
    if (read.usable()) problems = faults_on_this_machine(read.configuration, path);
    std::vector<std::string> lines;
    for (const auto& problem : problems) lines.push_back(config::describe(problem));
    return lines;
  }

  std::filesystem::path folder_;
};

class FaultyForTheEngine : public StartCheck, public testing::WithParamInterface<config::FaultySettingRow> {};

TEST_P(FaultyForTheEngine, IsRefusedByCheckAndStartAlike) {
  const auto& row = GetParam();
  const auto path = write(config::file_with_setting(row.domain, row.section, row.setting));
  const auto read = read_for_start(path, {});
  const auto found = std::find_if(read.problems.begin(), read.problems.end(),
                                  [](const auto& p) { return p.severity == config::Severity::error; });
  ASSERT_NE(found, read.problems.end());
  const auto line = config::describe(*found);
  EXPECT_THAT(line, StartsWith(path + ":6: " + std::string(row.starts)));
  EXPECT_THAT(line, HasSubstr(std::string(row.contains)));

  EndpointSettings settings;
  settings.config_file = path;
  const auto started = read_configured(settings);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().text, line) << "a start says the same";
}
INSTANTIATE_TEST_SUITE_P(Rows, FaultyForTheEngine, testing::ValuesIn(config::engine_rows));

TEST_F(StartCheck, TakesWhatAStartTakes) {
  EXPECT_THAT(refused_here(write(config::file_with(""))), testing::IsEmpty());
  const auto tls = config::file_with("", R"(<Connectivity user="1" server="h.example" protocol="tls"/>)");
  EXPECT_THAT(refused_here(write(tls)), testing::IsEmpty());
}

TEST_F(StartCheck, NoLineIsNoPhone) {
  const auto path = write(config::file_with("", ""));
  EXPECT_THAT(refused_here(path), testing::ElementsAre(AllOf(StartsWith(path + ": error: there is no line"),
                                                             HasSubstr("Connectivity element"))));
}

TEST_F(StartCheck, AddressesThatThisMachineHasNot) {
  for (const auto* address :
       {"192.0.2.77", "$net:198.51.100.0/24", "$net:nonsense", "$nosuchadapter0", "300.1.1.1"}) {
    const auto path = write(config::file_with_setting(
        "policy", "endpoint", std::string("<setting name=\"public_address\" value=\"") + address + "\"/>"));
    EXPECT_THAT(refused_here(path),
                testing::ElementsAre(StartsWith(path + ":6: error: policy.endpoint.public_address: ")))
        << address;
  }
}

TEST_F(StartCheck, AServerOfAnotherIpVersionThanTheAddress) {
  auto text = config::file_with_setting("policy", "endpoint",
                                        R"(<setting name="public_address" value="127.0.0.1"/>)");
  const std::string v4 = "192.0.2.1:5060";
  text.replace(text.find(v4), v4.size(), "[2001:db8::1]:5060");
  const auto path = write(text);
  EXPECT_THAT(
      refused_here(path),
      testing::ElementsAre(StartsWith(path + ":3: error: connectivity.server: the server 2001:db8::1")));
}

TEST_F(StartCheck, CertificatesOfTlsLines) {
  const auto config_with = [this](const std::string& certificate, const std::string& protocol) {
    auto text = config::file_with_setting("system", "security",
                                          "<setting name=\"certificate\" value=\"" + certificate + "\"/>");
    const std::string server = "server=\"192.0.2.1:5060\"";
    text.replace(text.find(server), server.size(), server + " protocol=\"" + protocol + "\"");
    return write(text);
  };
  const auto missing = (folder_ / "missing.pem").string();
  const auto rubbish = write("no certificate", "rubbish.pem");
  for (const auto& [certificate, why] : {std::pair(missing, "No such file"), {rubbish, "no certificate"}}) {
    const auto path = config_with(certificate, "tls");
    EXPECT_THAT(refused_here(path),
                testing::ElementsAre(
                    AllOf(StartsWith(path + ":6: error: system.security.certificate: "), HasSubstr(why))));
  }
  EXPECT_THAT(refused_here(config_with(missing, "udp")), testing::IsEmpty()) << "nobody asks for it";
}

}  // namespace
}  // namespace sidetone::engine
