// Writes DNS responses, right ones and wrong ones.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace sidetone::sip::test {

class DnsBytes {
 public:
  DnsBytes(std::string_view question, std::uint16_t type, int rcode = 0, bool is_response = true)
      : flags_(static_cast<std::uint16_t>((is_response ? 0x8180 : 0x0100) | rcode)) {
    question_ = name(question) + u16(type) + u16(1);
  }

  static std::string u16(std::uint32_t value) {
    return {static_cast<char>(value >> 8 & 0xFF), static_cast<char>(value & 0xFF)};
  }
  static std::string u32(std::uint32_t value) { return u16(value >> 16) + u16(value & 0xFFFF); }
  static std::string name(std::string_view text) {
    std::string out;
    while (!text.empty()) {
      const auto dot = text.find('.');
      out += string(text.substr(0, dot));
      text = dot == std::string_view::npos ? std::string_view{} : text.substr(dot + 1);
    }
    return out + '\0';
  }
  static std::string string(std::string_view text) {
    return static_cast<char>(text.size()) + std::string(text);
  }
  static std::string v4(int a, int b, int c, int d) {
    return {static_cast<char>(a), static_cast<char>(b), static_cast<char>(c), static_cast<char>(d)};
  }
  static std::string srv(std::uint16_t priority, std::uint16_t weight, std::uint16_t port,
                         std::string_view target) {
    return u16(priority) + u16(weight) + u16(port) + name(target);
  }
  static std::string naptr(std::uint16_t order, std::uint16_t preference, std::string_view flags,
                           std::string_view services, std::string_view regexp, std::string_view replacement) {
    return u16(order) + u16(preference) + string(flags) + string(services) + string(regexp) +
           name(replacement);
  }
  static std::string soa(std::uint32_t minimum) {
    return name("ns.example.com") + name("root.example.com") + u32(1) + u32(2) + u32(3) + u32(4) +
           u32(minimum);
  }

  // The records that follow go into the answer (0), authority (1) or additional (2) section.
  DnsBytes& section(int which) {
    section_ = which;
    return *this;
  }
  void record(std::string_view owner, std::uint16_t type, std::uint32_t ttl, const std::string& data) {
    raw_record(name(owner), type, ttl, data);
  }
  void raw_record(const std::string& owner, std::uint16_t type, std::uint32_t ttl, const std::string& data) {
    ++counts_[static_cast<std::size_t>(section_)];
    records_[static_cast<std::size_t>(section_)] +=
        owner + u16(type) + u16(1) + u32(ttl) + u16(static_cast<std::uint32_t>(data.size())) + data;
  }
  [[nodiscard]] std::string text(std::uint16_t id = 7) const {
    return u16(id) + u16(flags_) + u16(1) + u16(counts_[0]) + u16(counts_[1]) + u16(counts_[2]) + question_ +
           records_[0] + records_[1] + records_[2];
  }

 private:
  std::uint16_t flags_;
  std::string question_;
  int section_ = 0;
  std::array<std::uint32_t, 3> counts_{};
  std::array<std::string, 3> records_;
};

}  // namespace sidetone::sip::test
