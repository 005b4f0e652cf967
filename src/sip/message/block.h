// The text that a message owns: one allocation for what was parsed, further ones (each twice as large) when
// edits need room. Text never moves, so views stay true.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

#include "sip/message/message.h"

namespace sidetone::sip {

class Message::Block {
 public:
  // Readable behind everything that take() gave: scanners read whole words, and the writer looks at the two
  // characters behind a value.
  static constexpr std::size_t slack = 32;

  static std::unique_ptr<Block> make(std::size_t bytes, std::unique_ptr<Block> older = nullptr) {
    return std::unique_ptr<Block>(new (Room{bytes + slack}) Block(bytes, std::move(older)));
  }

  // nullptr when there is no room.
  char* take(std::size_t bytes) {
    if (bytes > capacity_ - used_) return nullptr;
    char* text = reinterpret_cast<char*>(this + 1) + used_;
    used_ += bytes;
    return text;
  }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }

  static void operator delete(void* memory) { ::operator delete(memory); }

 private:
  struct Room {
    std::size_t bytes;
  };
  static void* operator new(std::size_t size, Room room) { return ::operator new(size + room.bytes); }
  static void operator delete(void* memory, Room) { ::operator delete(memory); }

  Block(std::size_t bytes, std::unique_ptr<Block> older) : older_(std::move(older)), capacity_(bytes) {}

  std::unique_ptr<Block> older_;
  std::size_t capacity_;
  std::size_t used_ = 0;
};

}  // namespace sidetone::sip
