// What the header of a log tells of the machine and of the libraries that are loaded.
#include <ares.h>
#include <fmt/core.h>
#include <openssl/crypto.h>
#include <spdlog/version.h>
#include <srtp2/srtp.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <boost/version.hpp>
#include <ctime>
#include <fstream>
#include <thread>

#include "engine/log/log_header.h"

namespace sidetone::engine {
namespace {

std::vector<std::string> own_arguments() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::vector<std::string> arguments;
  // Bound: a header is no place for a thousand arguments.
  for (std::string argument; arguments.size() < 100 && std::getline(file, argument, '\0');)
    arguments.push_back(argument.substr(0, 500));
  return arguments;
}

std::string distribution() {
  std::ifstream file("/etc/os-release");
  for (std::string line; std::getline(file, line);)
    if (line.rfind("PRETTY_NAME=", 0) == 0) {
      auto name = line.substr(12);
      std::erase(name, '"');
      return name;
    }
  return "unknown";
}

std::string zone_text(WallTime now) {
  const auto c = calendar_of(now, false);
  std::array<char, 64> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Z, UTC%z", &c)};
}

}  // namespace

LogHeaderFacts read_header_facts(std::string application, Moment now) {
  LogHeaderFacts facts;
  facts.application = std::move(application);
  facts.version = SIDETONE_VERSION;
  facts.command_line = own_arguments();
  facts.started = now;
  facts.time_zone = zone_text(now.wall);
  facts.process = static_cast<unsigned long>(::getpid());
  utsname system{};
  if (::uname(&system) == 0) {
    facts.host_name = system.nodename;
    facts.os = fmt::format("{}, {} {} {}", distribution(), system.sysname, system.release, system.machine);
  }
  const auto pages = ::sysconf(_SC_PHYS_PAGES);
  const auto page_bytes = ::sysconf(_SC_PAGESIZE);
  facts.host = fmt::format("{} processors, {} MB of memory", std::thread::hardware_concurrency(),
                           pages > 0 ? pages / 1024 * page_bytes / 1024 : 0);
  facts.libraries = {
      OpenSSL_version(OPENSSL_VERSION),
      srtp_get_version_string(),
      fmt::format("c-ares {}", ares_version(nullptr)),
      fmt::format("Boost {}.{}.{}", BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100),
      fmt::format("spdlog {}.{}.{}", SPDLOG_VER_MAJOR, SPDLOG_VER_MINOR, SPDLOG_VER_PATCH),
      fmt::format("fmt {}.{}.{}", FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100)};
  return facts;
}

}  // namespace sidetone::engine
