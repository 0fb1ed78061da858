package com.example.invoice;

/** An amount in cents and the rate of tax on it, in percent. */
public record Invoice(long cents, int taxPercent) {
    public long total() {
        return cents + cents * taxPercent / 100;
    }

    public static void main(String[] args) {
        System.out.println(new Invoice(10_000, 19).total());
    }
}
