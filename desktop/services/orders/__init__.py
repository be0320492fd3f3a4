"""Money at the desk: payments, sales and refunds, each recorded once, and the orders they belong to."""

from desktop.services.orders.paying import Due, Failed, Paid, Payment, due, fail, take_payment
from desktop.services.orders.reading import Order, of_person, of_registration
from desktop.services.orders.refunding import Person, Refund, Refunded, refund
from desktop.services.orders.selling import Sale, Sold, sell

__all__ = [
    "Due",
    "Failed",
    "Order",
    "Paid",
    "Payment",
    "Person",
    "Refund",
    "Refunded",
    "Sale",
    "Sold",
    "due",
    "fail",
    "of_person",
    "of_registration",
    "refund",
    "sell",
    "take_payment",
]
