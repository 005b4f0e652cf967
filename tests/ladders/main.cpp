// ladders [--check | --write] FOLDER [NAME...]: plays the scenarios, prints a table, and writes the ladders
// to FOLDER, or checks that those there are the present ones. Exit code 1 when a scenario or a ladder is not
// as it should be.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "scenarios.h"

namespace {

using namespace sidetone::test;

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class Run {
 public:
  Run(std::filesystem::path folder, bool writes) : folder_(std::move(folder)), writes_(writes) {
    if (writes_) std::filesystem::create_directories(folder_);
  }

  bool play(const Script& script) {
    Stage stage(script.settings());
    script.play(stage);
    stage.expect_all_over();
    auto faults = stage.faults();
    const auto title = fmt::format("{}\n\n", script.title);
    keep(fmt::format("{}.txt", script.name), title + stage.ladder(), faults);
    keep(fmt::format("{}.svg", script.name), stage.ladder_svg(), faults);
    fmt::print("{:4} {:28} {}\n", faults.empty() ? "ok" : "FAIL", script.name, script.title);
    for (const auto& phase : stage.phases())
      fmt::print("       {}\n", phase.empty() ? "all hear silence" : phase);
    for (const auto& fault : faults) fmt::print("     ! {}\n", fault);
    return faults.empty();
  }

 private:
  void keep(const std::string& name, const std::string& text, std::vector<std::string>& faults) {
    if (writes_) {
      std::ofstream(folder_ / name, std::ios::binary) << text;
    } else if (read(folder_ / name) != text) {
      faults.push_back(
          fmt::format("{} is not the present one: run make scenarios", (folder_ / name).string()));
    }
  }
  std::filesystem::path folder_;
  bool writes_;
};

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc < 3 || (argv[1] != std::string_view("--check") && argv[1] != std::string_view("--write"))) {
    fmt::print(stderr, "usage: ladders --check|--write FOLDER [NAME...]\n");
    return 2;
  }
  Run run(argv[2], argv[1] == std::string_view("--write"));
  const std::vector<std::string_view> wanted(argv + 3, argv + argc);
  std::size_t played = 0, good = 0;
  for (const auto& script : scripts()) {
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), script.name) == wanted.end()) continue;
    ++played;
    good += run.play(script) ? 1 : 0;
  }
  fmt::print("{} of {} scenarios are as they should be\n", good, played);
  return played > 0 && good == played ? 0 : 1;
}
