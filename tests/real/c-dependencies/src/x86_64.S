    .text
    .globl doubled
    .type doubled, @function
doubled:
    lea (%rdi,%rdi), %rax
    ret
    .section .note.GNU-stack, "", @progbits
