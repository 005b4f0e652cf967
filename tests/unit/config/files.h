// Small configuration files for the tests of this folder.
#pragma once

#include <string>
#include <string_view>

namespace sidetone::config {

// A whole file around some settings; the settings begin in line 5.
inline std::string file_with(
    std::string_view domains,
    std::string_view lines = R"(<Connectivity user="7001" server="192.0.2.1:5060"/>)") {
  std::string out = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<SipEndpoint>\n<Container name=\"Basic\">";
  out += lines;
  out += "</Container>\n<Container name=\"Genesys\"><settings>\n";
  out += domains;
  out += "\n</settings></Container>\n</SipEndpoint>\n";
  return out;
}

// "policy", "session", "<setting .../>": the setting stands in line 6.
inline std::string file_with_setting(std::string_view domain, std::string_view section,
                                     std::string_view setting) {
  std::string out = "<domain name=\"";
  out += domain;
  out += "\"><section name=\"";
  out += section;
  out += "\">\n";
  out += setting;
  out += "\n</section></domain>";
  return file_with(out);
}

}  // namespace sidetone::config
