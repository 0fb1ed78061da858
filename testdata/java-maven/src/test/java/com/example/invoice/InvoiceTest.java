package com.example.invoice;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class InvoiceTest {
    @Test
    void totalAddsTax() {
        assertEquals(11_900, new Invoice(10_000, 19).total());
    }
}
