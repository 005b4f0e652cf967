// One archive for whoever helps: logs, configuration, devices, figures of the last calls, versions. Without
// secrets.
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "command.h"
#include "config/dump.h"
#include "config/load_file.h"
#include "default_config.h"
#include "engine/log/device_dump.h"
#include "engine/log/log_disk.h"
#include "engine/log/log_excerpt.h"
#include "engine/log/log_header.h"
#include "engine/log/log_targets.h"
#include "engine/steady_time.h"
#include "patient_list.h"
#include "tar_archive.h"

namespace sidetone::app {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string config_file, log_file, out;
  bool hide_numbers = false;
};

struct LogFileFound {
  fs::path path;
  engine::WallTime written;
  std::uintmax_t bytes = 0;
};

// Ten segments of the default size; an archive that nobody can send helps nobody.
constexpr std::uintmax_t log_bytes_max = 100 << 20;
constexpr std::size_t calls_told = 200;

std::string home_folder() {
  const char* home = std::getenv("HOME");
  return home != nullptr ? home : ".";
}

class Diagnostics {
 public:
  explicit Diagnostics(const Options& options) : options_(options) {}

  int run() {
    const auto path = options_.out.empty() ? default_name() : options_.out;
    auto archive = TarArchive::create(path);
    if (!archive) return complain(archive.error());
    read_configuration();
    read_logs();
    read_devices();
    add_file("summary.txt", summary());
    for (const auto& [name, content] : files_)
      if (auto added = archive->add(folder_ + name, content, std::time(nullptr)); !added)
        return complain(added.error());
    if (auto finished = archive->finish(); !finished) return complain(finished.error());
    for (const auto& text : missing_) fmt::print(stderr, "sidetone: {}\n", text);
    fmt::print("{}\n", path);
    std::fflush(stdout);
    std::_Exit(missing_.empty() ? 0 : 2);  // the sound server's library may still wait
  }

 private:
  static std::string stamp() {
    const auto c = engine::calendar_of(std::chrono::system_clock::now(), false);
    return fmt::format("{:04}{:02}{:02}_{:02}{:02}{:02}", c.tm_year + 1900, c.tm_mon + 1, c.tm_mday,
                       c.tm_hour, c.tm_min, c.tm_sec);
  }
  [[nodiscard]] std::string default_name() const {
    return fmt::format("sidetone-diagnostics-{}.tar.gz", stamp());
  }

  void add_file(std::string name, std::string content) {
    files_.emplace_back(std::move(name), std::move(content));
  }

  void read_configuration() {
    auto file = options_.config_file;
    if (file.empty()) file = default_config();
    if (file.empty()) {
      missing_.emplace_back(
          "no configuration file: none is where a phone looks for it, and --config names none");
      return;
    }
    const auto read = config::load_file(file);
    std::string text = fmt::format("File: {}\n", file);
    for (const auto& problem : read.problems) text += config::describe(problem) + "\n";
    if (!read.usable())
      missing_.push_back(fmt::format("{}: the configuration has errors; see configuration.txt", file));
    add_file("configuration.txt", engine::redacted(text + config::dump(read.configuration)));
    log_targets_ = engine::parse_log_targets(read.configuration.diagnostics.log_file, home_folder());
  }

  // Newest first, as many as there is room for.
  void read_logs() {
    if (!options_.log_file.empty())
      log_targets_ = engine::parse_log_targets(options_.log_file, home_folder());
    std::vector<LogFileFound> logs;
    for (const auto& target : log_targets_)
      if (target.kind == engine::LogTarget::Kind::file) find_logs(target.path, logs);
    if (logs.empty())
      missing_.emplace_back(
          "no log was found: log_file of the configuration names no file that is there, and neither does "
          "--log");
    std::sort(logs.begin(), logs.end(), [](const auto& a, const auto& b) { return a.written > b.written; });
    std::uintmax_t left = log_bytes_max;
    std::vector<std::string> ends;
    for (const auto& log : logs) {
      const auto text = read_end(log.path, std::min(left, log.bytes));
      left -= std::min(left, log.bytes);
      if (text.size() < log.bytes)
        notes_ +=
            fmt::format("{}: {} of {} bytes, its end, are here\n", log.path.string(), text.size(), log.bytes);
      auto shown = engine::redacted_log(text, options_.hide_numbers);
      auto more = engine::call_ends_in(shown, calls_told);
      ends.insert(ends.begin(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
      if (!shown.empty()) add_file("logs/" + log.path.filename().string(), std::move(shown));
    }
    if (ends.size() > calls_told) ends.erase(ends.begin(), ends.end() - calls_told);
    std::string statistics = fmt::format("{} calls ended in these logs.\n", ends.size());
    for (const auto& end : ends) statistics += end;
    add_file("statistics.txt", std::move(statistics));
  }

  static void find_logs(const std::string& target, std::vector<LogFileFound>& logs) {
    const fs::path path(target);
    const engine::SegmentNames names(path.filename().string());
    for (const auto& file : engine::system_log_disk()->list(path.parent_path().string())) {
      if (file.name != path.filename().string() && !names.owns(file.name)) continue;
      const auto full = path.parent_path() / file.name;
      std::error_code error;
      const auto bytes = fs::file_size(full, error);
      if (!error) logs.push_back({full, file.written, bytes});
    }
  }

  static std::string read_end(const fs::path& path, std::uintmax_t bytes) {
    std::ifstream file(path, std::ios::binary);
    file.seekg(0, std::ios::end);
    const auto size = static_cast<std::uintmax_t>(std::max<std::streamoff>(file.tellg(), 0));
    file.seekg(static_cast<std::streamoff>(size - std::min(size, bytes)));
    std::string text(bytes, '\0');
    file.read(text.data(), static_cast<std::streamsize>(bytes));
    text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
    return text;
  }

  // A sound server that hangs may be the very reason why somebody asks for help.
  void read_devices() {
    const auto found = list_devices_within(std::chrono::seconds(5));
    if (!found) {
      missing_.push_back(describe(found.error()));
      return;
    }
    device::DeviceList list;
    for (const auto& device : *found) {
      auto& side = device.direction == media::DeviceInfo::Direction::input ? list.microphones : list.speakers;
      side.push_back({.id = device.id,
                      .name = device.name,
                      .group = {},
                      .is_default = device.preferred,
                      .is_monitor = device.monitor});
    }
    add_file("devices.txt", engine::device_dump(list) + "\n");
  }

  std::string summary() const {
    const engine::SteadyTime clock;
    const engine::Moment now{clock.now(), std::chrono::system_clock::now()};
    auto text =
        engine::log_header(engine::read_header_facts("Sidetone diagnostics", now), "summary.txt", now);
    text += notes_;
    for (const auto& missing : missing_) text += "Missing: " + missing + "\n";
    return text;
  }

  const Options& options_;
  const std::string folder_ = fmt::format("sidetone-diagnostics-{}/", stamp());
  std::vector<engine::LogTarget> log_targets_;
  std::vector<std::pair<std::string, std::string>> files_;
  std::vector<std::string> missing_;
  std::string notes_;
};

}  // namespace

void add_diagnostics(CLI::App& app, Run& run) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand(
      "diagnostics",
      "collect logs, configuration, devices and figures of calls in one archive, without secrets");
  command->add_option("-c,--config", options->config_file,
                      "the phone's configuration file (default: the one that a phone finds by itself)");
  command->add_option("--log", options->log_file,
                      "the phone's log file, when its configuration does not name it");
  command->add_option("--out", options->out, "the archive (default: sidetone-diagnostics-DATE_TIME.tar.gz)");
  command->add_flag("--hide-numbers", options->hide_numbers,
                    "show only the last two characters of users in SIP addresses");
  command->footer(
      "The archive holds summary.txt (versions, system), configuration.txt (what is in force), devices.txt,\n"
      "statistics.txt (the last calls) and logs/ (the newest 100 MB). Passwords, keys and tokens are starred "
      "and\n"
      "digits of callers are shown as x, whatever the logs were written with. Callers' numbers and names are "
      "in it,\n"
      "unless --hide-numbers is given. Its name is printed.\n"
      "Exit code: 0 all of it was found, 1 no archive was written, 2 it was written and something is "
      "missing, which\n"
      "stderr names.");
  command->callback([&run, options] { run = [options] { return Diagnostics(*options).run(); }; });
}

}  // namespace sidetone::app
