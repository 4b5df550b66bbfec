    .text
    .globl doubled
    .type doubled, %function
doubled:
    add x0, x0, x0
    ret
    .section .note.GNU-stack, "", %progbits
